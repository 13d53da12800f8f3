/**
 * `POST /api/public/otel/v1/traces`: an OTLP export, accepted or refused as a
 * whole. The checks come in the server's order.
 */
import { randomUUID } from 'node:crypto';
import type { Exchange, Reply } from './http-exchange.js';
import { member } from './json.js';
import { badRequest, readResourceSpans } from './otlp-body.js';
import { readExport } from './otlp-export.js';
import { countSpans, refusalOf } from './otlp-export-checks.js';
import type { LocalObservation } from './records.js';
import { spanToObservation, type Ingestion } from './span-to-observation.js';

/** Where accepted observations go, and how large a body may be. */
export interface OtlpTracesOptions {
  /** Bound for the body as sent and for the body after gzip was undone. */
  readonly maxBodyBytes: number;
  readonly onObservation: (
    observation: LocalObservation,
    bytes: number,
  ) => void;
  /** A request that is answered with 200 and then lost as a whole. */
  readonly onPoison: () => void;
}

const MAX_INGESTION_VERSION = 4;

export async function receiveTraces(
  exchange: Exchange,
  options: OtlpTracesOptions,
): Promise<Reply> {
  const body = await readResourceSpans(exchange, options.maxBodyBytes);
  if ('status' in body) {
    return body;
  }
  const { resourceSpans } = body;
  exchange.spans = countSpans(resourceSpans);
  if (!resourceSpans || member(resourceSpans, 'length') === 0) {
    return { status: 200, body: {} };
  }
  const refusal = refusalOf(resourceSpans);
  if (refusal !== undefined) {
    return badRequest(refusal);
  }
  const version = exchange.langfuseHeader('x-langfuse-ingestion-version');
  if (version && !(Number.parseInt(version, 10) <= MAX_INGESTION_VERSION)) {
    return badRequest(
      `Unsupported x-langfuse-ingestion-version: "${version}". Maximum supported: "${MAX_INGESTION_VERSION}".`,
    );
  }
  ingest(resourceSpans, exchange, options);
  return { status: 200, body: ingestionJob(exchange) };
}

/** What the server's worker does after the answer. */
function ingest(
  resourceSpans: unknown,
  exchange: Exchange,
  options: OtlpTracesOptions,
): void {
  if (!Array.isArray(resourceSpans)) {
    exchange.note =
      "answered 200, but the server's worker would find no span: resourceSpans is not a list";
    return;
  }
  const read = readExport(resourceSpans);
  if (!read.ok) {
    exchange.note = `answered 200, but the server's worker would lose all ${exchange.spans} span(s) of this request: ${read.reason}`;
    options.onPoison();
    return;
  }
  const ingestion: Ingestion = {
    sdkName: exchange.langfuseHeader('x-langfuse-sdk-name') ?? 'unknown',
    sdkVersion: exchange.langfuseHeader('x-langfuse-sdk-version') ?? 'unknown',
    receivedAt: exchange.receivedAt,
  };
  const bytesPerSpan = Math.ceil(exchange.decodedBytes / exchange.spans);
  // All are made before the first is stored: a span that cannot be leaves none.
  const observations = read.spans.map((span) =>
    spanToObservation(span, ingestion),
  );
  for (const observation of observations) {
    options.onObservation(observation, bytesPerSpan);
  }
}

/** The server answers with the BullMQ job that it queued. */
function ingestionJob(exchange: Exchange): Record<string, unknown> {
  const timestamp = exchange.receivedAt;
  return {
    name: 'otel-ingestion-job',
    data: {
      id: randomUUID(),
      timestamp: timestamp.toISOString(),
      name: 'otel-ingestion-job',
      payload: {
        data: { fileKey: `otel/local/${randomUUID()}.json` },
        authCheck: {
          validKey: true,
          scope: { projectId: 'local', accessLevel: 'project' },
        },
        sdkName: exchange.langfuseHeader('x-langfuse-sdk-name'),
        sdkVersion: exchange.langfuseHeader('x-langfuse-sdk-version'),
        ingestionVersion: exchange.langfuseHeader(
          'x-langfuse-ingestion-version',
        ),
      },
    },
    opts: { attempts: 6, backoff: { type: 'exponential', delay: 5000 } },
    id: randomUUID(),
    progress: 0,
    returnvalue: null,
    stacktrace: [],
    attemptsMade: 0,
    delay: 0,
    timestamp: timestamp.getTime(),
  };
}
