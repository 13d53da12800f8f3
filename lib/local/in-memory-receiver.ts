/** What the receiver makes of requests, without a server: for tests in-process. */
import { refusalText } from './http-exchange.js';
import { type BatchRequest, receiveBatch } from './ingestion-route.js';
import { parseJson, type JsonObject } from './json.js';
import { sentMetadata, storedMetadata } from './metadata.js';
import { readExport, type OtlpSpan } from './otlp-export.js';
import { refusalOf } from './otlp-export-checks.js';
import { decodeExportRequest } from './otlp-protobuf.js';
import type { LocalObservation, LocalScore } from './records.js';
import { spanToObservation } from './span-to-observation.js';
import { TraceStore } from './trace-store.js';

/**
 * An observation, and what of its span the server's API does not return.
 *
 * @internal
 */
export interface ReceivedSpan {
  readonly observation: LocalObservation;
  /** Without what the server adds to it. */
  readonly metadata: JsonObject;
  /** Nanoseconds since the epoch, of which the server cuts off a part. */
  readonly startTimeUnixNano: bigint;
}

const UNBOUNDED = { maxTraces: Infinity, maxStoredBytes: Infinity };

/**
 * Takes the bodies of requests and keeps what a server would store of them.
 * Unlike the server it has no limits and forgets nothing by itself.
 *
 * @internal
 */
export class InMemoryReceiver {
  /** In order of arrival. */
  readonly spans: ReceivedSpan[] = [];
  #scores = new TraceStore(UNBOUNDED);

  /** By what they belong to; one that is sent again takes the place of the first. */
  get scores(): readonly LocalScore[] {
    return this.#scores.scores({});
  }

  /**
   * Takes an OTLP export in protobuf, as a whole or not at all.
   *
   * @returns why nothing of it would be stored; undefined when it is
   */
  receiveTraces(body: Buffer): string | undefined {
    const decoded = decodeExportRequest(body);
    if (!decoded.ok) {
      return decoded.reason;
    }
    const { resourceSpans } = decoded.request;
    const refusal = refusalOf(resourceSpans);
    if (refusal !== undefined) {
      return refusal;
    }
    const read = readExport(resourceSpans);
    if (!read.ok) {
      return read.reason;
    }
    const receivedAt = new Date();
    this.spans.push(...read.spans.map((span) => receive(span, receivedAt)));
    return undefined;
  }

  /**
   * Takes a batch of the ingestion API; each event is judged on its own.
   *
   * @returns why events would not be stored; undefined when all are
   */
  receiveScores(body: Buffer): string | undefined {
    const request: BatchRequest = {
      receivedAt: new Date(),
      decodedBytes: body.length,
      scores: 0,
      note: undefined,
    };
    const reply = receiveBatch(request, parseJson(body.toString('utf8')), {
      onScore: (score, bytes) => void this.#scores.addScore(score, bytes),
      // It is in the note.
      onLostScore: () => undefined,
    });
    return (
      request.note ?? (reply.status < 400 ? undefined : refusalText(reply))
    );
  }

  clear(): void {
    this.spans.length = 0;
    this.#scores = new TraceStore(UNBOUNDED);
  }
}

function receive(span: OtlpSpan, receivedAt: Date): ReceivedSpan {
  const { startTimeUnixNano } = span;
  const sdk = { sdkName: 'unknown', sdkVersion: 'unknown' };
  return {
    observation: spanToObservation(span, { ...sdk, receivedAt }),
    metadata: storedMetadata(sentMetadata(span.attributes)),
    // Protobuf has no other form of it.
    startTimeUnixNano:
      typeof startTimeUnixNano === 'string' ? BigInt(startTimeUnixNano) : 0n,
  };
}
