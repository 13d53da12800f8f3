import type { WireAttributes } from '../../wire/index.js';
import {
  type LangfuseObservation,
  startObservation,
} from '../langfuse-observation.js';
import type { ObservationAttributes } from '../observation-attributes.js';
import type { Scope } from '../active-scope.js';
import type { Recorder } from '../recorder.js';
import { RecordingSpan } from '../recording-span.js';
import type { TraceAttributes } from '../trace-attributes.js';

/** What a request's observation begins with. */
export interface RequestStart {
  readonly name: string;
  readonly attributes: ObservationAttributes;
  /** User, session and the like, of the whole trace. */
  readonly propagated?: WireAttributes;
  /** By `performance.now()`. */
  readonly startTime?: number;
}

/**
 * What is in force for a request. It can be entered before it is known whether
 * the request is to be recorded; then it is that of its surroundings until the
 * observation begins.
 */
export class RequestScope implements Scope {
  protected observation: LangfuseObservation | undefined;
  private traceAtStart: TraceAttributes | undefined;

  /** @param around - Where the request comes from. */
  constructor(
    protected readonly recorder: Recorder,
    private around: Scope,
  ) {}

  get span(): RecordingSpan | undefined {
    return this.ownSpan ?? this.around.span;
  }

  get remote(): Scope['remote'] {
    return this.around.remote;
  }

  get home(): Scope['home'] {
    return this.around.home;
  }

  get trace(): TraceAttributes {
    return this.traceAtStart ?? this.around.trace;
  }

  get hasBegun(): boolean {
    return this.observation !== undefined;
  }

  /** Begins the observation, or tells more of one that has begun. */
  begin(start: RequestStart): void {
    const { name, attributes, propagated, startTime } = start;
    if (this.observation) {
      this.observation.otelSpan.updateName(name);
      this.observation.update(attributes);
    } else {
      const options = startTime === undefined ? {} : { startTime };
      this.observation = this.recorder.run(this.around, () =>
        startObservation(this.recorder, name, attributes, options),
      );
    }
    const span = this.ownSpan;
    if (!span) return;
    if (propagated) span.trace = span.trace.with(propagated);
    // A user that only a handler knows is not that of what starts beside it.
    this.traceAtStart = span.trace;
  }

  /** Adds to what is known; nothing before the observation has begun. */
  update(attributes: ObservationAttributes): void {
    this.observation?.update(attributes);
  }

  protected get ownSpan(): RecordingSpan | undefined {
    const span = this.observation?.otelSpan;
    return span instanceof RecordingSpan ? span : undefined;
  }
}
