export type { IgnoreRoutes } from './ignored-routes.js';
export { LangfuseInterceptor } from './langfuse.interceptor.js';
export {
  type RequestAttributesFunction,
  RequestTracing,
} from './request-tracing.js';
export { enterAllRequests, type TraceRequests } from './trace-all-requests.js';
