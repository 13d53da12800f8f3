import { messageOf } from './message-of.js';
import type { ReadableSpan, ShouldExportSpan } from './readable-span.js';
import type { EndedSpan } from './span-intake.js';
import { type SpanOrigin, viewOf } from './span-view.js';
import type { WarnOnce } from './warn-once.js';

/** What a filter works with. */
export interface SpanFilterSettings {
  readonly shouldExportSpan: ShouldExportSpan;
  /** What it is told of resource and scope of this package's spans. */
  readonly origin: SpanOrigin;
  readonly warnings: WarnOnce;
}

/** Asks the application which spans are sent. A question that fails is a yes. */
export class SpanFilter {
  /** Of spans that have ended: what they were asked about is gone by then. */
  private readonly decisions = new WeakMap<EndedSpan, boolean>();

  constructor(private readonly settings: SpanFilterSettings) {}

  /** Decides on a span that has ended. */
  decide(span: EndedSpan): boolean {
    const { origin } = this.settings;
    const isWanted = this.ask(() => viewOf(span, origin, true));
    this.decisions.set(span, isWanted);
    return isWanted;
  }

  /** Whether a span is sent; for an open one as far as it is known. */
  wants(span: EndedSpan): boolean {
    const { origin } = this.settings;
    return (
      this.decisions.get(span) ?? this.ask(() => viewOf(span, origin, false))
    );
  }

  /** Whether a span of somebody else's recorder is sent; it may be open. */
  wantsForeign(otelSpan: ReadableSpan): boolean {
    return this.ask(() => otelSpan);
  }

  private ask(view: () => ReadableSpan): boolean {
    const { shouldExportSpan, warnings } = this.settings;
    try {
      return shouldExportSpan({ otelSpan: view() }) !== false;
    } catch (error) {
      warnings.warn(
        'shouldExportSpan',
        `shouldExportSpan threw ${messageOf(error)}: what it throws for is sent.`,
      );
      return true;
    }
  }
}
