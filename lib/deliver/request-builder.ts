import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { LaneName, QueueRecord } from '../queue/index.js';
import {
  type BatchFrame,
  encodeBatchFrame,
  frameScores,
  frameSpans,
  SCOPE_NAME,
  type WireAttributes,
} from '../wire/index.js';
import type { HttpRequest } from './http-client.js';

const gzipAsync = promisify(gzip);

/** Fast and nearly as small as higher levels on LLM text. */
const GZIP_LEVEL = 1;

/** Where to send, and what goes with each request. */
export interface Destination {
  /** May hold a path prefix; without a trailing slash. */
  readonly baseUrl: string;
  readonly compression: 'gzip' | 'none';
  readonly additionalHeaders: Readonly<Record<string, string>>;
  readonly sdkName: string;
  readonly sdkVersion: string;
  /** OpenTelemetry resource attributes of this process. */
  readonly resource: WireAttributes;
}

/**
 * Builds the requests of each lane to the letter of what the server takes, but
 * for the keys, which may change before a request is sent again.
 */
export class RequestBuilder {
  private readonly urls: { readonly [name in LaneName]: URL };
  private readonly headers: Readonly<Record<string, string>>;
  private readonly frame: BatchFrame;

  constructor(private readonly destination: Destination) {
    const { baseUrl, sdkName, sdkVersion } = destination;
    this.urls = {
      spans: new URL(`${baseUrl}/api/public/otel/v1/traces`),
      scores: new URL(`${baseUrl}/api/public/ingestion`),
    };
    this.headers = {
      ...destination.additionalHeaders,
      'x-langfuse-sdk-name': sdkName,
      'x-langfuse-sdk-version': sdkVersion,
    };
    this.frame = encodeBatchFrame({
      resource: destination.resource,
      scope: { name: SCOPE_NAME, version: sdkVersion },
    });
  }

  /** Where a lane's requests go, for the log. */
  endpoint(lane: LaneName): string {
    return this.urls[lane].href;
  }

  /** The complete request: sending it again sends the same bytes again. */
  build(
    lane: LaneName,
    records: readonly QueueRecord[],
  ): HttpRequest | Promise<HttpRequest> {
    const bytes = records.map((record) => record.bytes);
    return lane === 'spans' ? this.spans(bytes) : this.scores(bytes);
  }

  /**
   * A request without data: it passes authentication and the rate limit as any
   * other, and there is nothing in it that could be stored twice. The server
   * answers zero bytes of protobuf with 200 and an empty score batch with 207.
   */
  probe(lane: LaneName): HttpRequest | Promise<HttpRequest> {
    return this.build(lane, []);
  }

  /** The cheapest authenticated request: which project do the keys belong to? */
  projects(): HttpRequest {
    return {
      method: 'GET',
      url: new URL(`${this.destination.baseUrl}/api/public/projects`),
      headers: this.headers,
      body: [],
    };
  }

  private async spans(records: readonly Uint8Array[]): Promise<HttpRequest> {
    const plain = frameSpans(this.frame, records);
    const headers = {
      'content-type': 'application/x-protobuf',
      // Without it a batch of a named SDK may take a path of ten minutes.
      'x-langfuse-ingestion-version': '4',
    };
    if (this.destination.compression === 'none' || plain.length === 0) {
      return this.post('spans', headers, plain);
    }
    const options = { level: GZIP_LEVEL };
    const packed = await gzipAsync(Buffer.concat(plain), options);
    return this.post('spans', { ...headers, 'content-encoding': 'gzip' }, [
      packed,
    ]);
  }

  /** Never compressed: the server does not inflate this route's bodies. */
  private scores(records: readonly Uint8Array[]): HttpRequest {
    const headers = { 'content-type': 'application/json' };
    return this.post('scores', headers, frameScores(records));
  }

  private post(
    lane: LaneName,
    headers: Readonly<Record<string, string>>,
    body: readonly Uint8Array[],
  ): HttpRequest {
    let length = 0;
    for (const chunk of body) length += chunk.byteLength;
    return {
      method: 'POST',
      url: this.urls[lane],
      headers: { ...this.headers, ...headers, 'content-length': `${length}` },
      body,
    };
  }
}
