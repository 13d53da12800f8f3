/** Observations in the form in which a test looks at them. */
import type { ReceivedSpan } from '../local/index.js';
import type { ObservationLevel, ObservationType } from '../wire/index.js';
import { given } from './given.js';

/**
 * An observation that has ended, as Langfuse would show it. What was not
 * recorded is undefined.
 *
 * @publicApi
 */
export interface TestObservation {
  /** 16 hex digits. */
  readonly id: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** Undefined for the root of a trace. */
  readonly parentId: string | undefined;
  /** `Class.method` for a `@Trace()` that names nothing. */
  readonly name: string;
  /** In lower case, as `asType` takes it. */
  readonly type: ObservationType;
  /** `DEFAULT` when nothing was said, `ERROR` after an error. */
  readonly level: ObservationLevel;
  /** Of an error its message. */
  readonly statusMessage: string | undefined;
  /**
   * Parsed where the text is JSON, as Langfuse shows it: the string `'42'`
   * comes back as the number 42, for both are sent as the same text.
   */
  readonly input: unknown;
  /** See `input`. */
  readonly output: unknown;
  /** Of the observation and of its trace; each value as `input`. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The name of the model. */
  readonly model: string | undefined;
  /** Empty when none were recorded. */
  readonly modelParameters: Readonly<Record<string, string | number>>;
  /** Counts by kind, with `total`; empty when none were recorded. */
  readonly usageDetails: Readonly<Record<string, number>>;
  /** US dollars by kind; empty when none were recorded. */
  readonly costDetails: Readonly<Record<string, number>>;
  /** Only generations have a prompt. */
  readonly promptName: string | undefined;
  /** See `promptName`. */
  readonly promptVersion: number | undefined;
  /** The name of its trace. */
  readonly traceName: string | undefined;
  /** The user of its trace. */
  readonly userId: string | undefined;
  /** The session of its trace. */
  readonly sessionId: string | undefined;
  /** The tags of its trace; empty when there are none. */
  readonly tags: readonly string[];
  /** `default` when none is configured. */
  readonly environment: string;
  /** Its own version, else that of its trace. */
  readonly version: string | undefined;
  /** The option `release`. */
  readonly release: string | undefined;
  /** To the millisecond. */
  readonly startTime: Date;
  /** To the millisecond. */
  readonly endTime: Date;
  /** When the first chunk of a streamed answer came. */
  readonly completionStartTime: Date | undefined;
  /** Observations below it that have ended, in order of their start. */
  readonly children: readonly TestObservation[];
}

/** @param children is filled by whoever knows them */
export function testObservation(
  { observation, metadata }: ReceivedSpan,
  children: readonly TestObservation[],
): TestObservation {
  const { completionStartTime } = observation;
  return {
    id: observation.id,
    traceId: observation.traceId,
    parentId: given(observation.parentObservationId),
    name: observation.name,
    // The receiver knows the same types, in upper case.
    type: observation.type.toLowerCase() as ObservationType,
    level: observation.level,
    statusMessage: given(observation.statusMessage),
    input: parsed(observation.input),
    output: parsed(observation.output),
    metadata,
    model: given(observation.providedModelName),
    modelParameters: observation.modelParameters,
    usageDetails: observation.usageDetails,
    costDetails: observation.costDetails,
    promptName: given(observation.promptName),
    promptVersion: given(observation.promptVersion),
    traceName: given(observation.traceName),
    userId: given(observation.userId),
    sessionId: given(observation.sessionId),
    tags: observation.tags,
    environment: observation.environment,
    version: given(observation.version),
    release: given(observation.release),
    startTime: new Date(observation.startTime),
    endTime: new Date(observation.endTime),
    completionStartTime:
      completionStartTime === null ? undefined : new Date(completionStartTime),
    children,
  };
}

function parsed(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
