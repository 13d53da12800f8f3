export { createdOnce } from './created-once.js';
export {
  type FlushSettings,
  type FlushTarget,
  Invocation,
} from './invocation.js';
export type { WaitUntil } from './platform.js';
