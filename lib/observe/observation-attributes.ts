import type { ObservationLevel, ObservationType } from '../wire/index.js';
import type { PromptReference } from './prompt-link.js';

/**
 * What can be said of any observation.
 *
 * @see https://langfuse.com/docs/observability/data-model
 * @publicApi
 */
export interface ObservationAttributes {
  /** Any value. It is captured when it is given: later changes do not count. */
  readonly input?: unknown;
  /** Any value. It is captured when it is given: later changes do not count. */
  readonly output?: unknown;
  /**
   * An object; each of its keys can be filtered by. Keys of several updates add
   * up. Anything that is no object is kept under the key `metadata`.
   */
  readonly metadata?: unknown;
  /**
   * How much it matters; an error that is recorded sets it to `ERROR`.
   * @default 'DEFAULT'
   */
  readonly level?: ObservationLevel;
  /** Why the level is what it is, in a line. */
  readonly statusMessage?: string;
  /** Version of what was observed. */
  readonly version?: string;
}

/**
 * What can be said of a call to a model.
 *
 * @publicApi
 */
export interface GenerationAttributes extends ObservationAttributes {
  /** Name of the model as the provider calls it; prices are found by it. */
  readonly model?: string;
  /** Temperature, maximum of tokens and the like. */
  readonly modelParameters?: Readonly<Record<string, unknown>>;
  /**
   * Units used, by kind: `{ input: 10, output: 5 }`, or the `usage` object of an
   * OpenAI answer as it is. Counts are whole numbers of 0 and more; fractions
   * are rounded, and what is no count is left out and named in the metadata key
   * `langfuse_refused`.
   */
  readonly usageDetails?: Readonly<Record<string, unknown>>;
  /** US dollars, by kind. Given, they replace the server's own prices. */
  readonly costDetails?: Readonly<Record<string, unknown>>;
  /** When the first token came. */
  readonly completionStartTime?: Date;
  /** The Langfuse prompt that was used; fallback prompts are not linked. */
  readonly prompt?: PromptReference;
}

/** The attributes of each type of observation. @publicApi */
export type AttributesOf<T extends ObservationType> = T extends
  'generation' | 'embedding'
  ? GenerationAttributes
  : ObservationAttributes;
