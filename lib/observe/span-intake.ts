/** The one place where spans that have ended become records of the queue. */
import type { LangfuseQueue, QueueRecord } from '../queue/index.js';
import {
  type BatchFrame,
  estimateSpan,
  SpanEncoder,
  type WireAttributes,
  type WireId,
  type WireSpan,
} from '../wire/index.js';
import { ForeignSpans } from './foreign-spans.js';
import { type Mask, type MaskedAttributes, maskSpan } from './mask/index.js';
import type { InstrumentationScope } from './instrumentation-scope.js';
import { messageOf } from './message-of.js';
import type { ReadableSpan } from './readable-span.js';
import type { SpanFilter } from './span-filter.js';
import type { TraceAttributes } from './trace-attributes.js';
import type { TraceSampler } from './trace-sampler.js';
import type { WarnOnce } from './warn-once.js';

/** A span that has ended, whoever recorded it, as it is encoded. */
export interface EndedSpan extends WireSpan {
  /**
   * What it carries of its trace: what `sharedAttributes` holds the bytes of,
   * as `trace.encodedBeside(attributes)`.
   */
  readonly trace: TraceAttributes;
  /** Of a span that was recorded here on behalf of a library. */
  readonly instrumentationScope?: InstrumentationScope | undefined;
}

/** A span of somebody else's recorder that has ended. */
export interface ForeignSpan {
  readonly span: EndedSpan;
  /** When it is not known yet who made it: the span counts as queued until then. */
  readonly origin?: Promise<BatchFrame>;
}

/** What an intake works with. */
export interface SpanIntakeSettings {
  readonly queue: Pick<LangfuseQueue, 'enqueue' | 'enqueueLater' | 'refuse'>;
  readonly warnings: WarnOnce;
  /** Default: all traces are recorded. */
  readonly sampler?: TraceSampler | undefined;
  /** Default: all spans are sent. */
  readonly filter?:
    Pick<SpanFilter, 'decide' | 'wants' | 'wantsForeign'> | undefined;
  /** Default: spans are sent as they are. */
  readonly mask?: Mask | undefined;
}

/**
 * Takes spans that have ended: leaves out what is not wanted, masks, encodes and
 * queues the rest. A recorder and a span processor of OpenTelemetry can share
 * one. What it leaves out is nowhere counted: it was not to be sent.
 */
export class SpanIntake {
  /** Open spans of other recorders that it is going to get. */
  readonly foreign = new ForeignSpans();
  private readonly encoder = new SpanEncoder();

  constructor(private readonly settings: SpanIntakeSettings) {}

  /** Whether the spans of this trace are recorded. */
  samples(trace: WireId): boolean {
    return this.settings.sampler?.keeps(trace.hex) ?? true;
  }

  /** Whether a span that is still open would be sent, as far as it is known. */
  wants(span: EndedSpan): boolean {
    return this.settings.filter?.wants(span) ?? true;
  }

  /** As `wants()`, for a span of somebody else's recorder, open or not. */
  wantsForeign(span: ReadableSpan): boolean {
    return this.settings.filter?.wantsForeign(span) ?? true;
  }

  /**
   * Whether it is the application's mask that runs here. What that records
   * would come to the mask again, and so on for ever.
   */
  get isMasking(): boolean {
    return this.settings.mask?.isRunning ?? false;
  }

  /** Attributes of no span, as they may leave the application. */
  masked(
    attributes: WireAttributes,
  ): MaskedAttributes | Promise<MaskedAttributes> {
    const { mask } = this.settings;
    return mask?.attributes(attributes) ?? { attributes, isComplete: true };
  }

  /**
   * Takes a span, once. Never throws: one that cannot be encoded is counted as
   * dropped (`invalid`), with a warning. Nothing of the span is read afterwards.
   */
  take(span: EndedSpan): void {
    try {
      if (this.isWanted(span)) this.send(span);
    } catch (error) {
      this.refuse(error);
    }
  }

  /**
   * As `take()`, for a span of somebody else's recorder that the filter wants.
   *
   * @param read gives what is encoded; undefined when that is nothing
   */
  takeForeign(read: () => ForeignSpan | undefined): void {
    try {
      if (this.isMasking) return;
      const ended = read();
      if (!ended || !this.isSampled(ended.span)) return;
      const { span, origin: pending } = ended;
      if (!pending) return this.send(span);
      const record = pending.then((origin) =>
        this.maskedRecordOf({ ...span, origin }),
      );
      this.settings.queue.enqueueLater('spans', record, estimateSpan(span));
    } catch (error) {
      this.refuse(error);
    }
  }

  private refuse(error: unknown): void {
    this.settings.queue.refuse('spans');
    this.warn(error);
  }

  private isSampled(span: EndedSpan): boolean {
    return this.settings.sampler?.keeps(span.traceId) ?? true;
  }

  private isWanted(span: EndedSpan): boolean {
    if (!this.isSampled(span) || this.isMasking) return false;
    return this.settings.filter?.decide(span) ?? true;
  }

  private send(span: EndedSpan): void {
    const { queue, mask } = this.settings;
    const masked = mask ? maskSpan(span, mask) : span;
    if (masked instanceof Promise) {
      const record = masked.then((sent) => this.recordOf(sent));
      queue.enqueueLater('spans', record, estimateSpan(span));
    } else {
      queue.enqueue(this.encoder.record(masked));
    }
  }

  private async maskedRecordOf(
    span: EndedSpan,
  ): Promise<QueueRecord | undefined> {
    const { mask } = this.settings;
    return this.recordOf(mask ? await maskSpan(span, mask) : span);
  }

  private recordOf(span: WireSpan): QueueRecord | undefined {
    try {
      return this.encoder.record(span);
    } catch (error) {
      this.warn(error);
      return undefined;
    }
  }

  /** Only what an untyped caller gave in place of a name or a time comes here. */
  private warn(error: unknown): void {
    const cause = `an observation could not be encoded: ${messageOf(error)}`;
    this.settings.warnings.warn('encode', `Dropped: ${cause}.`);
  }
}
