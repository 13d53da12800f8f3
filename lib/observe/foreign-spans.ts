/** Spans that are open at once, at most; beyond it the oldest is forgotten. */
const MAX_OPEN = 10_000;

/**
 * Which open spans of somebody else's recorder are going to Langfuse, as far as
 * can be told when they start. What starts below one that does not is where
 * Langfuse's part of the trace begins.
 */
export class ForeignSpans {
  private readonly expected = new Map<string, boolean>();

  started(spanId: string, isExpected: boolean): void {
    if (this.expected.size >= MAX_OPEN) {
      for (const oldest of this.expected.keys()) {
        this.expected.delete(oldest);
        break;
      }
    }
    this.expected.set(spanId, isExpected);
  }

  ended(spanId: string): void {
    this.expected.delete(spanId);
  }

  /** Whether the span is open, and will be sent. */
  isExpected(spanId: string): boolean {
    return this.expected.get(spanId) === true;
  }
}
