/** What the sink was sent, read when nothing is measured any more. */
import { gunzipSync } from 'node:zlib';
import { protobufSpanIds } from './protobuf-span-ids.js';

/** The body of a request that was answered with success. */
export interface ReceivedBody {
  readonly chunks: readonly Buffer[];
  readonly isGzip: boolean;
  readonly isProtobuf: boolean;
}

/** What a body tells about records. */
interface Ids {
  /** Of what must not come twice. */
  readonly records: readonly string[];
  /** Of observations; one can be in several records. */
  readonly observations: readonly string[];
}

interface OtlpJson {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly { readonly spanId: string }[];
    }[];
  }[];
}

interface LegacyJson {
  readonly batch: readonly {
    readonly id: string;
    readonly type: string;
    readonly body: { readonly id: string };
  }[];
}

/** How many observations arrived, and how many records more than once. */
export function countReceived(bodies: readonly ReceivedBody[]): {
  delivered: number;
  duplicates: number;
} {
  const observations = new Set<string>();
  const records = new Set<string>();
  let duplicates = 0;
  for (const body of bodies) {
    const ids = idsIn(body);
    for (const id of ids.observations) observations.add(id);
    for (const id of ids.records) {
      if (records.has(id)) duplicates += 1;
      records.add(id);
    }
  }
  return { delivered: observations.size, duplicates };
}

function idsIn({ chunks, isGzip, isProtobuf }: ReceivedBody): Ids {
  const sent = Buffer.concat(chunks);
  const body = isGzip ? gunzipSync(sent) : sent;
  if (isProtobuf) return both(protobufSpanIds(body));
  if (body.length === 0) return both([]);
  const json = JSON.parse(body.toString()) as OtlpJson | LegacyJson;
  return 'batch' in json ? legacyIds(json) : both(jsonSpanIds(json));
}

function both(ids: readonly string[]): Ids {
  return { records: ids, observations: ids };
}

function jsonSpanIds({ resourceSpans }: OtlpJson): string[] {
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => spanId)),
  );
}

/** An event creates an observation, or its trace, or says more of it. */
function legacyIds({ batch }: LegacyJson): Ids {
  return {
    records: batch.map(({ id }) => id),
    observations: batch
      .filter(({ type }) => type.endsWith('-create'))
      .map(({ body }) => body.id),
  };
}
