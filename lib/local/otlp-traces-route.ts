/**
 * `POST /api/public/otel/v1/traces`: an OTLP export, accepted or refused as a
 * whole. The checks come in the server's order.
 */
import { randomUUID } from 'node:crypto';
import type { Exchange, Reply } from './http-exchange.js';
import { idErrorOf, poisonOf, spansOf } from './otlp-export-checks.js';
import {
  decodeExportRequest,
  type OtlpExportRequest,
} from './otlp-messages.js';
import type { LocalObservation } from './records.js';
import { gunzipWithin } from './request-body.js';
import { toAttributes } from './span-attributes.js';
import { spanToObservation, type SpanOrigin } from './span-to-observation.js';

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
  const decoded = await decodeBody(exchange, options.maxBodyBytes);
  if ('status' in decoded) {
    return decoded;
  }
  exchange.spans = spansOf(decoded).length;
  if (decoded.resourceSpans === undefined) {
    return { status: 200, body: {} };
  }
  const idError = idErrorOf(decoded);
  if (idError !== undefined) {
    return badRequest(idError);
  }
  const version = exchange.langfuseHeader('x-langfuse-ingestion-version');
  if (version && !(Number.parseInt(version, 10) <= MAX_INGESTION_VERSION)) {
    return badRequest(
      `Unsupported x-langfuse-ingestion-version: "${version}". Maximum supported: "${MAX_INGESTION_VERSION}".`,
    );
  }
  const poison = poisonOf(decoded);
  if (poison === undefined) {
    const bytesPerSpan = Math.ceil(exchange.decodedBytes / exchange.spans);
    for (const observation of observationsOf(decoded, exchange)) {
      options.onObservation(observation, bytesPerSpan);
    }
  } else {
    exchange.note = `answered 200, but the server's worker would lose all ${exchange.spans} span(s) of this request: attribute "${poison}" has no value`;
    options.onPoison();
  }
  return { status: 200, body: ingestionJob(exchange) };
}

async function decodeBody(
  exchange: Exchange,
  maxBodyBytes: number,
): Promise<OtlpExportRequest | Reply> {
  let body = await exchange.readBody(maxBodyBytes);
  if (body.kind === 'broken') {
    return badRequest('Failed to read request body');
  }
  if (
    body.kind === 'read' &&
    exchange.headers['content-encoding']?.includes('gzip')
  ) {
    body = await gunzipWithin(body.bytes, maxBodyBytes);
    if (body.kind === 'broken') {
      return badRequest('Failed to decompress request body');
    }
  }
  if (body.kind === 'tooLarge') {
    return {
      status: 413,
      body: {
        message: `Request body exceeds ${maxBodyBytes} bytes`,
        error: 'PayloadTooLargeError',
      },
      close: true,
    };
  }
  exchange.decodedBytes = body.bytes.length;
  const contentType = exchange.headers['content-type']?.toLowerCase() ?? '';
  if (!contentType.includes('application/x-protobuf')) {
    return badRequest(
      contentType.includes('application/json')
        ? 'OTLP/JSON is not supported by the local receiver, send application/x-protobuf'
        : 'Invalid content type',
    );
  }
  const decoded = decodeExportRequest(body.bytes);
  if (!decoded.ok) {
    exchange.note = decoded.reason;
    return badRequest('Failed to parse OTel Protobuf Trace');
  }
  return decoded.request;
}

function badRequest(error: string): Reply {
  return { status: 400, body: { error } };
}

function observationsOf(
  request: OtlpExportRequest,
  exchange: Exchange,
): LocalObservation[] {
  const sdkName = exchange.langfuseHeader('x-langfuse-sdk-name') ?? 'unknown';
  const sdkVersion =
    exchange.langfuseHeader('x-langfuse-sdk-version') ?? 'unknown';
  const { receivedAt } = exchange;
  return (request.resourceSpans ?? []).flatMap((resourceSpans) => {
    const resource = toAttributes(resourceSpans.resource?.attributes);
    return (resourceSpans.scopeSpans ?? []).flatMap(({ scope, spans = [] }) => {
      const origin: SpanOrigin = {
        resource,
        scope: {
          name: scope?.name ?? '',
          version: scope?.version,
          attributes: toAttributes(scope?.attributes),
        },
        sdkName,
        sdkVersion,
        receivedAt,
      };
      return spans.map((span) => spanToObservation(span, origin));
    });
  });
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
