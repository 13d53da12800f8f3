import type { RecordingSpan } from './recording-span.js';

/**
 * Spans that never end must not fill the memory. Beyond this number the oldest
 * is forgotten: it can still be ended by who holds it, but not by a shutdown.
 */
const MAX_OPEN = 10_000;

/** Links of the list below, kept in the spans themselves. */
export interface OpenLinks {
  previous: RecordingSpan | undefined;
  next: RecordingSpan | undefined;
  linked: boolean;
}

/**
 * The observations that have started and not ended, oldest first. A linked list
 * through the spans: adding and removing one costs no allocation.
 */
export class OpenObservations {
  private first: RecordingSpan | undefined;
  private last: RecordingSpan | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(span: RecordingSpan): void {
    if (this.count === MAX_OPEN && this.first) this.remove(this.first);
    span.open.previous = this.last;
    span.open.linked = true;
    if (this.last) this.last.open.next = span;
    else this.first = span;
    this.last = span;
    this.count += 1;
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
  }

  /** Children before parents, as they would have ended. */
  newestFirst(): readonly RecordingSpan[] {
    const spans: RecordingSpan[] = [];
    for (let span = this.last; span; span = span.open.previous) {
      spans.push(span);
    }
    return spans;
  }
}
