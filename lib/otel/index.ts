/** Doors for code that speaks OpenTelemetry. */
export { hasContextManager } from './context-manager-in-use.js';
export {
  type FilteredSpan,
  isDefaultExportSpan,
} from './default-export-filter.js';
export { registerAsGlobal } from './global-registration.js';
export { offerToOfficialPackages } from './official-packages.js';
export type { SdkSpan } from './sdk-span.js';
export { SpanBridge } from './span-bridge.js';
