import type { ObservationType } from '../wire/index.js';

/**
 * What `@Trace()` records.
 *
 * @publicApi
 */
export interface TraceOptions {
  /** Name of the observation. Default: `Class.method`. */
  readonly name?: string;
  /** @default 'span' */
  readonly asType?: ObservationType;
  /**
   * Whether the arguments are recorded as input: a single one as it is, several
   * as a list.
   * @default true
   */
  readonly captureInput?: boolean;
  /**
   * Whether the returned (or resolved) value is recorded as output.
   * @default true
   */
  readonly captureOutput?: boolean;
}
