/** Trace ids as they are made: anything else is somebody's own label. */
const TRACE_ID = /^[0-9a-f]{32}$/i;

const HEX_DIGITS_OF_A_WORD = 8;

/**
 * Decides by a trace's id whether it is recorded, so that everybody who sees the
 * id decides alike: all spans of the trace, its scores, other services. The
 * arithmetic is that of `TraceIdRatioBasedSampler` of OpenTelemetry's JavaScript
 * SDK, which therefore agrees, too.
 *
 * @see https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/sdk-trace/src/sampler/TraceIdRatioBasedSampler.ts
 */
export class TraceSampler {
  private readonly upperBound: number;

  /** @param rate share of the traces that are recorded, from 0 to 1 */
  constructor(rate: number) {
    this.upperBound = rate >= 1 ? Infinity : Math.floor(rate * 0xffffffff);
  }

  /** Whether the trace is recorded. An id that is none always is. */
  keeps(traceId: string): boolean {
    if (this.upperBound === Infinity || !TRACE_ID.test(traceId)) return true;
    return foldedId(traceId) < this.upperBound;
  }
}

/** The four 32-bit words of the id, combined by exclusive or. */
function foldedId(traceId: string): number {
  let folded = 0;
  for (let i = 0; i < traceId.length; i += HEX_DIGITS_OF_A_WORD) {
    folded ^= parseInt(traceId.slice(i, i + HEX_DIGITS_OF_A_WORD), 16);
  }
  return folded >>> 0;
}
