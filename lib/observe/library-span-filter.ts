import type { ReadableSpan } from './readable-span.js';
import type { SpanFilter } from './span-filter.js';
import type { EndedSpan } from './span-intake.js';

/**
 * Asks `filter` only about spans that nobody meant for Langfuse: those of other
 * recorders, and of libraries that found OpenTelemetry's global provider.
 */
export class LibrarySpanFilter implements Pick<
  SpanFilter,
  'decide' | 'wants' | 'wantsForeign'
> {
  constructor(private readonly filter: SpanFilter) {}

  decide(span: EndedSpan): boolean {
    return isForLangfuse(span) || this.filter.decide(span);
  }

  wants(span: EndedSpan): boolean {
    return isForLangfuse(span) || this.filter.wants(span);
  }

  wantsForeign(span: ReadableSpan): boolean {
    return this.filter.wantsForeign(span);
  }
}

function isForLangfuse({ origin, instrumentationScope }: EndedSpan): boolean {
  return origin === undefined || instrumentationScope?.isGlobal === false;
}
