export {
  axiosInterceptor,
  type AxiosRequestLike,
} from './axios-interceptor.js';
export { Propagation } from './propagation.js';
export { CARRIER_FIELD, type TraceCarrier } from './trace-carrier.js';
export { tracedFetch } from './traced-fetch.js';
export { formatTraceparent, parseTraceparent } from './traceparent.js';
