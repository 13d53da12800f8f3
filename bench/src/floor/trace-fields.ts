/** What the four spans of a trace have in common, encoded once. */
import { randomFillSync } from 'node:crypto';
import {
  ENVIRONMENT,
  RELEASE,
  type TraceValues,
} from '../values/trace-values.js';
import { putAttribute, putConstant } from './attributes.js';

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const IDS_BYTES = TRACE_ID_BYTES + 4 * SPAN_ID_BYTES;

/** Asking for random bytes is expensive, however few they are. */
const randomBytes = Buffer.allocUnsafeSlow(256 * IDS_BYTES);

/** Ids and attributes of the trace that is being written. */
export class TraceFields {
  readonly random = randomBytes;
  /** Where its trace id is. */
  traceIdAt = randomBytes.length;
  readonly attributes = Buffer.allocUnsafeSlow(4_096);
  attributesBytes = 0;

  begin(trace: TraceValues): void {
    this.traceIdAt += IDS_BYTES;
    if (this.traceIdAt >= randomBytes.length) {
      randomFillSync(randomBytes);
      this.traceIdAt = 0;
    }
    const { attributes } = this;
    let at = putAttribute(attributes, 0, 'user.id', trace.userId);
    at = putAttribute(attributes, at, 'session.id', trace.sessionId);
    at = putConstant(attributes, at, 'langfuse.trace.name', trace.name);
    at = putConstant(attributes, at, 'langfuse.environment', ENVIRONMENT);
    this.attributesBytes = putConstant(
      attributes,
      at,
      'langfuse.release',
      RELEASE,
    );
  }

  /** Where the id of a span is; 0 is the root. */
  spanIdAt(index: number): number {
    return this.traceIdAt + TRACE_ID_BYTES + index * SPAN_ID_BYTES;
  }
}
