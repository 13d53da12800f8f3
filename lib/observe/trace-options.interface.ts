import type { Observable } from 'rxjs';
import type { ObservationLevel, ObservationType } from '../wire/index.js';
import type { LangfuseObservation } from './langfuse-observation.js';
import type { AttributesOf } from './observation-attributes.js';

/**
 * What a stream gives one by one; never for what is no stream.
 *
 * @publicApi
 */
export type ChunkOf<Returned> =
  Awaited<Returned> extends
    | Observable<infer Chunk>
    | AsyncIterable<infer Chunk>
    | AsyncIterator<infer Chunk, unknown, never>
    | Iterator<infer Chunk, unknown, never>
    ? Chunk
    : never;

/**
 * What a method's result is to `captureOutput` and `onResult`: the value, or the
 * resolved one; of a stream the joined text or the list of its chunks. Of a
 * stream of bytes it is their text, or how many there were if they are no UTF-8.
 *
 * @publicApi
 */
export type TraceResult<Returned> = [ChunkOf<Returned>] extends [never]
  ? Awaited<Returned>
  : ChunkOf<Returned> extends string
    ? string
    : ChunkOf<Returned> extends Uint8Array
      ? string | { readonly bytes: number }
      : readonly ChunkOf<Returned>[];

/**
 * What `@Trace()` records of a method, where nothing depends on its types.
 *
 * @publicApi
 */
export interface StaticTraceOptions<
  Type extends ObservationType = ObservationType,
> {
  /**
   * Name of the observation. On a class it stands for the name of the class.
   * @default `Class.method`
   */
  readonly name?: string;
  /**
   * What the observation is.
   * @default 'span'
   */
  readonly asType?: Type;
  /**
   * Whether the arguments are recorded as input: a single one as it is, several
   * as a list.
   * @default true
   */
  readonly captureInput?: boolean;
  /**
   * Whether the result is recorded as output. Of a stream that is its text, or a
   * list of up to 1,000 chunks.
   * @default true
   */
  readonly captureOutput?: boolean;
  /** Level of what goes well; an error has the level `ERROR`. */
  readonly level?: ObservationLevel;
  /** An object; each of its keys can be filtered by. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Version of what is observed. */
  readonly version?: string;
  /**
   * The project that is recorded into, where this is the root of a trace: the
   * `name` of its `LangfuseModule`. Below an active observation it is that
   * one's project, since a trace belongs to one.
   * @default that of the module without a name
   */
  readonly project?: string;
}

/**
 * A function of a method's arguments. The detour over `infer` leaves it to the
 * method alone to say what these are: the function may take fewer.
 *
 * @publicApi
 */
export type ArgumentsFunction<
  Args extends readonly unknown[],
  T,
> = Args extends infer A extends readonly unknown[] ? (...args: A) => T : never;

/**
 * What `@Trace()` records. Functions get the method's own arguments and result,
 * in types, too; one that throws leaves a marker (`[Threw: message]`) in place
 * of its value, and the method goes on.
 *
 * @typeParam Args - The method's arguments.
 * @typeParam Returned - What the method returns.
 * @typeParam Result - The result that the functions get: {@link TraceResult}, or
 *   what `reduce` makes.
 * @publicApi
 */
export interface TraceOptions<
  Args extends readonly unknown[] = readonly unknown[],
  Returned = unknown,
  Type extends ObservationType = ObservationType,
  Result = TraceResult<Returned>,
> extends Omit<
  StaticTraceOptions<Type>,
  'name' | 'captureInput' | 'captureOutput' | 'metadata'
> {
  /** As text, or made of the arguments. @default `Class.method` */
  readonly name?: string | ArgumentsFunction<Args, string>;
  /** Whether the arguments are the input, or what is made of them. @default true */
  readonly captureInput?: boolean | ArgumentsFunction<Args, unknown>;
  /** Whether the result is the output, or what is made of it. @default true */
  readonly captureOutput?: boolean | ((result: NoInfer<Result>) => unknown);
  /** An object, or what is made of the arguments. */
  readonly metadata?:
    | Readonly<Record<string, unknown>>
    | ArgumentsFunction<Args, Readonly<Record<string, unknown>>>;
  /**
   * Makes one result of the chunks of a stream, up to 10,000 of them; the
   * metadata key `langfuse_chunks` tells when there were more.
   */
  readonly reduce?: (chunks: ChunkOf<NoInfer<Returned>>[]) => Result;
  /**
   * Reads model, usage and the like out of the result: return attributes, or
   * update the observation. Called before the observation ends, for a stream
   * that was left early with what was read of it; after an error it is not
   * called.
   */
  readonly onResult?: (
    result: NoInfer<Result>,
    observation: LangfuseObservation<Type>,
  ) => AttributesOf<Type> | void;
}

/** The options where nothing is known of the method. */
export type UntypedTraceOptions = TraceOptions<
  readonly unknown[],
  Observable<unknown>,
  ObservationType,
  unknown
>;
