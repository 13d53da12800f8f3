/** Runs `application.mjs` and gives what arrived, in a form to compare. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import {
  decodeExport,
  type OtlpKeyValue,
  type OtlpRequest,
  type OtlpSpan,
} from '../../support/otlp.js';

export interface Setup {
  /** The program that runs it. */
  readonly node: string;
  /** Where `@langfuse/*` and `@opentelemetry/*` are installed. */
  readonly folder: string;
  /** The module with our processor. */
  readonly ours: string;
}

type Whose = 'official' | 'ours';
type What = 'application' | 'flood' | 'values';

/** A span without what differs from run to run: ids and times. */
export interface ComparableSpan {
  readonly name: string;
  /** Its name, if it has arrived as well. */
  readonly parent: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

const APPLICATION = fileURLToPath(new URL('application.mjs', import.meta.url));

/** Spans as they arrive, sorted by their names. */
export async function recorded(
  setup: Setup,
  whose: Whose,
  what: What = 'application',
): Promise<ComparableSpan[]> {
  const requests: OtlpRequest[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      if (body.length > 0) requests.push(read(body, request.headers));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const { port } = server.address() as AddressInfo;
    await run(setup, [whose, setup.folder, setup.ours, what], port);
    return comparable(requests);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function run(setup: Setup, args: readonly string[], port: number) {
  return new Promise<void>((resolve, reject) => {
    const { PATH = '' } = process.env;
    const child = spawn(setup.node, [APPLICATION, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        PATH,
        NO_COLOR: '1',
        LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
        LANGFUSE_SECRET_KEY: 'sk-lf-1',
        LANGFUSE_BASE_URL: `http://127.0.0.1:${port}`,
        LANGFUSE_TRACING_ENVIRONMENT: 'staging',
        LANGFUSE_RELEASE: '1.4.2',
        OTEL_SERVICE_NAME: 'chat',
        // `host` is detected while spans are recorded already.
        OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os',
      },
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`it ended with ${code}`)),
    );
  });
}

function read(
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): OtlpRequest {
  const bytes =
    headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  return headers['content-type'] === 'application/json'
    ? (JSON.parse(bytes.toString()) as OtlpRequest)
    : decodeExport(bytes);
}

function comparable(requests: readonly OtlpRequest[]): ComparableSpan[] {
  const all = requests.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ scope, spans }) =>
        spans.map((span) => ({ resource, scope, span })),
      ),
    ),
  );
  const names = new Map(all.map(({ span }) => [span.spanId, span.name]));
  const parentOf = ({ parentSpanId: id }: OtlpSpan) =>
    id ? (names.get(id) ?? 'not sent') : undefined;
  return all
    .map(({ resource, scope, span }) => ({
      ...shape(span),
      parent: parentOf(span),
      scope: { name: scope.name, version: scope.version || undefined },
      resource: plain(resource.attributes),
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

function shape(span: OtlpSpan) {
  return {
    name: span.name,
    kind: span.kind,
    flags: span.flags,
    traceState: span.traceState || undefined,
    status: {
      code: span.status?.code ?? 0,
      message: span.status?.message || undefined,
    },
    attributes: plain(span.attributes),
    events: (span.events ?? []).map(({ name, attributes }) => ({
      name,
      attributes: plain(attributes),
    })),
    links: (span.links ?? []).map(({ traceId, spanId, flags, attributes }) => ({
      traceId,
      spanId,
      flags,
      attributes: plain(attributes),
    })),
    dropped: [
      span.droppedAttributesCount ?? 0,
      span.droppedEventsCount ?? 0,
      span.droppedLinksCount ?? 0,
    ],
    hasEnded: BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano),
  };
}

function plain(attributes: readonly OtlpKeyValue[] | undefined) {
  return Object.fromEntries(
    (attributes ?? []).map(({ key, value }) => [key, plainValue(value)]),
  );
}

function plainValue(value: OtlpKeyValue['value']): unknown {
  if (value?.arrayValue) return value.arrayValue.values.map(plainValue);
  const { stringValue, boolValue, intValue, doubleValue } = value ?? {};
  const number = intValue === undefined ? doubleValue : Number(intValue);
  return stringValue ?? boolValue ?? number;
}
