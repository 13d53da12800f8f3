import {
  type Span,
  type SpanContext,
  type SpanOptions,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import {
  LangfuseAttribute,
  OBSERVATION_TYPES,
  type ObservationType,
} from '../wire/index.js';
import { describeObservation } from './describe-observation.js';
import { messageOf } from './message-of.js';
import type {
  AttributesOf,
  GenerationAttributes,
  ObservationAttributes,
} from './observation-attributes.js';
import { isFallbackPrompt } from './prompt-link.js';
import type { ParentChoice, Recorder } from './recorder.js';
import { RecordingSpan } from './recording-span.js';

/** How an observation is started. @publicApi */
export interface StartObservationOptions<
  T extends ObservationType = ObservationType,
> {
  /**
   * What the observation is; it says which attributes fit.
   * @default 'span'
   */
  readonly asType?: T;
  /** Default: now. */
  readonly startTime?: TimeInput;
  /**
   * A parent that is not active, or one of another process. Default: the
   * active observation, else the active span of another OpenTelemetry provider.
   */
  readonly parentSpanContext?: SpanContext;
}

/**
 * A timed node of a trace. It is sent once, when it ends, and never changes
 * afterwards; without keys or with tracing off it does nothing at all.
 *
 * @publicApi
 */
export class LangfuseObservation<T extends ObservationType = ObservationType> {
  /** @internal Observations come from `LangfuseService` and `@Trace()`. */
  constructor(
    /** What it is: a span, a generation, a tool and so on. */
    readonly type: T,
    /** The OpenTelemetry span beneath. */
    readonly otelSpan: Span,
    private readonly recorder: Recorder,
  ) {}

  /** 16 hex digits; zeros when nothing is recorded. */
  get id(): string {
    return this.otelSpan.spanContext().spanId;
  }

  /** 32 hex digits; zeros when nothing is recorded. */
  get traceId(): string {
    return this.otelSpan.spanContext().traceId;
  }

  /** Adds to what is known of the observation. Nothing happens after its end. */
  update(attributes: AttributesOf<T>): this {
    if (this.otelSpan instanceof RecordingSpan) {
      updateSpan(this.recorder, this.otelSpan, attributes);
    }
    return this;
  }

  /** Marks it as failed: exception event, status, level and message. */
  fail(error: unknown): this {
    const { otelSpan: span } = this;
    if (!span.isRecording()) return this;
    const message = messageOf(error);
    try {
      span.recordException(error instanceof Error ? error : message);
    } catch {
      // Errors of other libraries can have getters that throw.
      span.recordException(message);
    }
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    span.setAttributes({
      [LangfuseAttribute.observationLevel]: 'ERROR',
      [LangfuseAttribute.observationStatusMessage]: message,
    });
    return this;
  }

  /** Starts a child of this observation, whatever is active. */
  startObservation<C extends ObservationType = 'span'>(
    name: string,
    attributes?: AttributesOf<C>,
    options: Omit<StartObservationOptions<C>, 'parentSpanContext'> = {},
  ): LangfuseObservation<C> {
    const { otelSpan } = this;
    const parent =
      otelSpan instanceof RecordingSpan ? otelSpan : otelSpan.spanContext();
    return startBelow(this.recorder, name, attributes, options, { parent });
  }

  /** Ends it, now or at `endTime`, and queues it. Later calls do nothing. */
  end(endTime?: TimeInput): void {
    this.otelSpan.end(endTime);
  }
}

/** Starts an observation; an event also ends at once, since it has no length. */
export function startObservation<T extends ObservationType = 'span'>(
  recorder: Recorder,
  name: string,
  attributes: AttributesOf<T> | undefined,
  options: StartObservationOptions<T>,
): LangfuseObservation<T> {
  const { parentSpanContext: parent } = options;
  const choice = parent === undefined ? WHATEVER_IS_ACTIVE : { parent };
  return startBelow(recorder, name, attributes, options, choice);
}

const WHATEVER_IS_ACTIVE: ParentChoice = {};
const NOW: SpanOptions = {};

function startBelow<T extends ObservationType = 'span'>(
  recorder: Recorder,
  name: string,
  attributes: AttributesOf<T> | undefined,
  options: Omit<StartObservationOptions<T>, 'parentSpanContext'>,
  choice: ParentChoice,
): LangfuseObservation<T> {
  const { asType: type = 'span' as T, startTime } = options;
  const timing = startTime === undefined ? NOW : { startTime };
  const span = recorder.start(name, timing, choice);
  if (span instanceof RecordingSpan) putType(span, type);
  const observation = new LangfuseObservation(type, span, recorder);
  if (attributes !== undefined) observation.update(attributes);
  if (type === 'event' && span instanceof RecordingSpan) {
    observation.end(span.startTime);
  }
  return observation;
}

/** As much of a refused type as its marker shows. */
const MAX_SHOWN = 80;

/** The server takes a type that it does not know for a span, silently. */
function putType(span: RecordingSpan, type: ObservationType): void {
  if (OBSERVATION_TYPES.includes(type)) {
    span.put(LangfuseAttribute.observationType, type);
    return;
  }
  span.put(LangfuseAttribute.observationType, 'span');
  const shown = span.fitText(type).slice(0, MAX_SHOWN);
  refuse(span, [`asType: ${shown} is not an observation type`]);
}

/** Adds what is said of an observation to its span. Never throws. */
export function updateSpan(
  recorder: Recorder,
  span: RecordingSpan,
  attributes: ObservationAttributes,
): void {
  if (!span.isRecording()) return;
  try {
    refuse(span, describeObservation(attributes, recorder.capture, span));
    const prompt = (attributes as GenerationAttributes | null)?.prompt;
    // Nor is it to be linked to the prompt of what is around it.
    if (isFallbackPrompt(prompt)) span.trace = span.trace.withoutPrompt();
  } catch (error) {
    // Only attributes that are themselves a trap (a Proxy) come here.
    refuse(span, [`attributes: [Threw: ${messageOf(error)}]`]);
  }
}

/** Where refused values are named: bad input must be visible, not vanish. */
const REFUSED = `${LangfuseAttribute.observationMetadata}.langfuse_refused`;

/** Names refused values beside those of earlier updates. */
function refuse(span: RecordingSpan, refused: readonly string[]): void {
  if (refused.length === 0) return;
  const earlier = span.attributes.get(REFUSED);
  const all = typeof earlier === 'string' ? [earlier, ...refused] : refused;
  span.setAttribute(REFUSED, all.join('; '));
}
