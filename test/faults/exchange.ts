/** One request as the fault server sees it, and the ways to answer it. */
import type { Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import {
  attributesOf,
  decodeExport,
  type OtlpSpan,
  spansOf,
} from '../support/otlp.js';
import type { ServerTruth } from './server-truth.js';

/** A span or a score as it came over the wire. */
export interface ReceivedRecord {
  /** Span id, or the id of the score itself. */
  readonly id: string;
  /** By which a 207 names a score; the span id for a span. */
  readonly envelopeId: string;
  readonly name: string;
  readonly text: string;
}

/** Which of the two endpoints a request is for. */
export type ReceivedLane = 'spans' | 'scores';

interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** What an answer has besides its status. */
export interface AnswerParts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * A request and its answer. What the server stores and what it acknowledges are
 * two things: the one is done by `take()`, the other by a 2xx status.
 */
export class Exchange {
  /** Milliseconds of a monotonic clock, in real time. */
  readonly at = performance.now();
  /** The status that was answered, once one was. */
  status: number | undefined;
  answeredAt = Infinity;
  private content: Buffer | undefined;
  private decoded: readonly ReceivedRecord[] | undefined;
  private readonly taken: string[] = [];

  constructor(
    /** 1 for the first request of the server, and so on. */
    readonly number: number,
    readonly head: RequestHead,
    readonly socket: Socket,
    /** Whether the connection has carried an exchange before. */
    readonly reused: boolean,
    private readonly truth: ServerTruth,
    private readonly done: () => void,
  ) {}

  get lane(): ReceivedLane | undefined {
    const { path } = this.head;
    if (path.endsWith('/api/public/otel/v1/traces')) return 'spans';
    return path.endsWith('/api/public/ingestion') ? 'scores' : undefined;
  }

  /** The body has come, whole. */
  complete(body: Buffer): void {
    this.content = body;
  }

  /** As it came over the wire; empty while it has not come. */
  get body(): Buffer {
    return this.content ?? Buffer.alloc(0);
  }

  /** The body without its compression. */
  get plain(): Buffer {
    return this.head.headers.get('content-encoding') === 'gzip'
      ? gunzipSync(this.body)
      : this.body;
  }

  get records(): readonly ReceivedRecord[] {
    this.decoded ??= decode(this.lane, this.plain);
    return this.decoded;
  }

  /** Asks whether the server is well and carries no data. */
  get isProbe(): boolean {
    return this.records.length === 0;
  }

  /** The server stores these records, whatever it answers. */
  take(records: readonly ReceivedRecord[] = this.records): this {
    for (const { id } of records) {
      this.truth.store(id);
      this.taken.push(id);
    }
    return this;
  }

  /** A complete answer; the connection stays open. */
  answer(status: number, { headers = {}, body = '' }: AnswerParts = {}): void {
    const bytes = Buffer.from(body);
    this.begin(status, { ...headers, 'content-length': `${bytes.length}` });
    this.write(bytes);
    this.done();
  }

  /** The head of an answer. What was taken is acknowledged by a 2xx. */
  begin(status: number, headers: Readonly<Record<string, string>>): void {
    const fields = {
      date: new Date().toUTCString(),
      'content-type': 'application/json',
      ...headers,
    };
    const lines = Object.entries(fields).map(([k, v]) => `${k}: ${v}\r\n`);
    this.write(`HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`);
    this.status = status;
    this.answeredAt = performance.now();
    if (status < 200 || status > 299) return;
    for (const id of this.taken) this.truth.acknowledge(id);
  }

  write(data: string | Uint8Array): boolean {
    return !this.socket.destroyed && this.socket.write(data);
  }

  /** RST: whatever was on its way is lost. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

function decode(
  lane: ReceivedLane | undefined,
  body: Buffer,
): readonly ReceivedRecord[] {
  if (lane === 'scores') {
    const { batch } = JSON.parse(body.toString()) as {
      batch: { id: string; body: { id: string; name: string } }[];
    };
    return batch.map((event) => ({
      id: event.body.id,
      envelopeId: event.id,
      name: event.body.name,
      text: JSON.stringify(event.body),
    }));
  }
  if (lane === undefined) return [];
  const input = lazyInputs(body);
  return namesOf(body).map(({ id, name }, i) => ({
    id,
    envelopeId: id,
    name,
    get text() {
      return input(i);
    },
  }));
}

/** Only what each request is asked for: a full decoding costs ten times more. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Export { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span { bytes span_id = 2; string name = 5; }
`);
const exportType = root.lookupType('Export');

interface Names {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly { spanId: Uint8Array; name: string }[];
    }[];
  }[];
}

function namesOf(body: Buffer): { id: string; name: string }[] {
  const { resourceSpans } = exportType.decode(body) as unknown as Names;
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map(({ spanId, name }) => ({
      id: Buffer.from(spanId).toString('hex'),
      name,
    }));
}

function lazyInputs(body: Buffer): (index: number) => string {
  let spans: OtlpSpan[] | undefined;
  return (index) => {
    spans ??= spansOf(decodeExport(body));
    const attributes = attributesOf(spans[index]?.attributes ?? []);
    return `${attributes['langfuse.observation.input']}`;
  };
}
