export type { ReadCredentials } from './credentials.js';
export {
  LangfuseTransport,
  type LangfuseTransportSettings,
} from './langfuse-transport.js';
export type { ProjectAnswer } from './project-answer.js';
export type { Destination } from './request-builder.js';
export { noTransport } from './no-transport.js';
