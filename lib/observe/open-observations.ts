/** What has started and not ended, and what ends it when nobody does. */
import { AsyncResource } from 'node:async_hooks';
import { type Clock, systemClock, type Timer } from '../queue/index.js';
import type { EarlyEndLog, OpenBound } from './early-end-log.js';
import { endEarly } from './end-early.js';
import type { RecordingSpan } from './recording-span.js';

/** What the registry keeps of a span, in the span itself. */
export interface OpenLinks {
  previous: RecordingSpan | undefined;
  next: RecordingSpan | undefined;
  linked: boolean;
  /** About the size of what it has recorded. */
  bytes: number;
  /** When it came, by the registry's clock. */
  since: number;
}

/** How much may be open. */
export interface OpenBounds {
  readonly maxOpenObservations: number;
  /** By what they have recorded, a character counting as one. */
  readonly maxOpenBytes: number;
  /** Undefined: as long as it likes. */
  readonly maxOpenAgeMs: number | undefined;
}

const NO_BOUNDS: OpenBounds = {
  maxOpenObservations: Infinity,
  maxOpenBytes: Infinity,
  maxOpenAgeMs: undefined,
};

/**
 * Made at load time, so outside of any request: the timer belongs to none, and
 * must not keep what one stored in an AsyncLocalStorage.
 */
const outside = new AsyncResource('nestjs-langfuse:open-observations');

/**
 * The observations that have started and not ended, oldest first. A linked list
 * through the spans: adding and removing one costs no allocation.
 *
 * An `end()` that is forgotten must not fill the memory: beyond a bound the
 * oldest is ended as it stands, and so reaches the server, with level `WARNING`.
 */
export class OpenObservations {
  private first: RecordingSpan | undefined;
  private last: RecordingSpan | undefined;
  private count = 0;
  private bytes = 0;
  private timer: Timer | undefined;
  private isEnding = false;
  private readonly tooMany: OpenBound;
  private readonly tooLarge: OpenBound;
  private readonly tooOld: OpenBound;

  /** @param log - Where it is told that a bound has ended something. */
  constructor(
    private readonly bounds: OpenBounds = NO_BOUNDS,
    private readonly clock: Clock = systemClock,
    private readonly log?: EarlyEndLog,
  ) {
    const { maxOpenObservations, maxOpenBytes, maxOpenAgeMs } = bounds;
    this.tooMany = {
      option: 'maxOpenObservations',
      message: `ended by maxOpenObservations: more than ${maxOpenObservations} were open`,
    };
    this.tooLarge = {
      option: 'maxOpenBytes',
      message: `ended by maxOpenBytes: open observations held more than ${maxOpenBytes} bytes`,
    };
    this.tooOld = {
      option: 'maxOpenAgeMs',
      message: `ended by maxOpenAgeMs: open for ${maxOpenAgeMs} ms`,
    };
  }

  add(span: RecordingSpan): void {
    const { open } = span;
    open.previous = this.last;
    open.linked = true;
    open.since = this.clock.now();
    if (this.last) this.last.open.next = span;
    else this.first = span;
    this.last = span;
    this.count += 1;
    this.bytes += open.bytes;
    this.watch();
    if (this.count > this.bounds.maxOpenObservations) this.endExcess();
    else this.checkBytes();
  }

  remove(span: RecordingSpan): void {
    const { open } = span;
    if (!open.linked) return;
    if (open.previous) open.previous.open.next = open.next;
    else this.first = open.next;
    if (open.next) open.next.open.previous = open.previous;
    else this.last = open.previous;
    open.previous = undefined;
    open.next = undefined;
    open.linked = false;
    this.count -= 1;
    this.bytes -= open.bytes;
    if (this.count === 0) this.unwatch();
  }

  /** One that is open has recorded more, or less when `bytes` is negative. */
  grew(bytes: number): void {
    this.bytes += bytes;
    this.checkBytes();
  }

  /** How long it has been open, in milliseconds. */
  ageOf(span: RecordingSpan): number {
    return this.clock.now() - span.open.since;
  }

  oldestFirst(): readonly RecordingSpan[] {
    const spans: RecordingSpan[] = [];
    for (let span = this.first; span; span = span.open.next) spans.push(span);
    return spans;
  }

  /** Ends all, children before parents, as they would have ended. */
  endAll(reason: string): void {
    for (const span of this.oldestFirst().toReversed()) {
      this.endOne(span, reason);
    }
    this.log?.close();
  }

  private checkBytes(): void {
    if (this.bytes > this.bounds.maxOpenBytes) this.endExcess();
  }

  /**
   * Ends the oldest until the bounds hold. That calls the application's filter
   * and mask, which may open others: it ends no more than are open now.
   */
  private endExcess(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    try {
      for (let left = this.count; left > 0 && this.first; left--) {
        const bound = this.exceededBy(this.first);
        if (!bound) return;
        this.endOne(this.first, bound.message);
        this.log?.record(bound);
      }
    } finally {
      this.isEnding = false;
    }
  }

  private exceededBy(oldest: RecordingSpan): OpenBound | undefined {
    const { maxOpenObservations, maxOpenBytes, maxOpenAgeMs } = this.bounds;
    if (this.count > maxOpenObservations) return this.tooMany;
    if (this.bytes > maxOpenBytes) return this.tooLarge;
    if (maxOpenAgeMs === undefined) return undefined;
    return this.ageOf(oldest) >= maxOpenAgeMs ? this.tooOld : undefined;
  }

  /** It is removed first: what ends it must not count as growth. */
  private endOne(span: RecordingSpan, reason: string): void {
    if (!span.open.linked) return;
    this.remove(span);
    endEarly(span, reason);
  }

  /** One timer, for the oldest: those after it have more time. */
  private watch(): void {
    const { maxOpenAgeMs } = this.bounds;
    const { first, clock } = this;
    if (maxOpenAgeMs === undefined || this.timer || !first) return;
    const dueInMs = Math.max(1, Math.ceil(maxOpenAgeMs - this.ageOf(first)));
    this.timer = outside.runInAsyncScope(() =>
      clock.after(dueInMs, () => {
        this.timer = undefined;
        this.endExcess();
        this.watch();
      }),
    );
  }

  private unwatch(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
