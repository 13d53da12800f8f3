/**
 * Records that carry their number: real OTLP spans with an id and a text, and
 * real JSON scores, as small as they can be, and how a server reads them back.
 */
import type { LaneName, QueueRecord } from '../../lib/queue/index.js';

const SPAN_ID_BYTES = 8;
/** A score is not cut, so it stays small enough for any server. */
const MAX_SCORE_TEXT = 100;

/** Record number `n` of a run. `padding` bytes are added that can be cut. */
export function makeRecord(
  lane: LaneName,
  number: number,
  padding: number,
): QueueRecord {
  return lane === 'spans'
    ? { lane, id: `${number}`, bytes: encodeSpan(number, padding) }
    : { lane, id: `${number}`, bytes: encodeScore(number, padding) };
}

/** The numbers of the records in a request's body. */
export function readRecords(
  lane: LaneName,
  body: readonly Uint8Array[],
): number[] {
  return lane === 'spans' ? readSpans(body) : readScores(body);
}

/** Spans of one size differ in their number only. */
const templates = new Map<number, Uint8Array>();

function encodeSpan(number: number, padding: number): Uint8Array {
  let template = templates.get(padding);
  if (!template) {
    template = spanTemplate(padding);
    templates.set(padding, template);
  }
  const span = template.slice();
  let at = idOffset(span) + SPAN_ID_BYTES;
  for (let rest = number; rest > 0; rest = Math.floor(rest / 256)) {
    span[(at -= 1)] = rest & 0xff;
  }
  return span;
}

function spanTemplate(padding: number): Uint8Array {
  const id = Array.from({ length: SPAN_ID_BYTES }, () => 0);
  const text = padding === 0 ? [] : attribute(padding);
  return Uint8Array.from(field(0x12, [...field(0x12, id), ...text]));
}

/** Behind the tag and length of the span come those of its id. */
function idOffset(span: Uint8Array): number {
  let at = 1;
  while (span[at]! > 0x7f) at += 1;
  return at + 3;
}

/** `Span.attributes`: a key-value whose value is a string. */
function attribute(length: number): number[] {
  const value = field(
    0x0a,
    Array.from({ length }, () => 0x78),
  );
  return field(0x4a, [...field(0x0a, [0x6b]), ...field(0x12, value)]);
}

function field(tag: number, content: readonly number[]): number[] {
  return [tag, ...varint(content.length), ...content];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}

function encodeScore(number: number, padding: number): Uint8Array {
  const pad = 'x'.repeat(Math.min(padding, MAX_SCORE_TEXT));
  return Buffer.from(`{"id":"${number}","pad":"${pad}"}`);
}

/** The first chunk of a body is its head, the others are spans side by side. */
function readSpans(body: readonly Uint8Array[]): number[] {
  const numbers: number[] = [];
  for (const chunk of body.slice(1)) {
    for (let at = 0; at < chunk.length;) {
      let length = 0;
      let shift = 0;
      let byte: number;
      do {
        byte = chunk[(at += 1)]!;
        length |= (byte & 0x7f) << shift;
        shift += 7;
      } while (byte > 0x7f);
      at += 1;
      let number = 0;
      for (let i = 0; i < SPAN_ID_BYTES; i++) {
        number = number * 256 + chunk[at + 2 + i]!;
      }
      numbers.push(number);
      at += length;
    }
  }
  return numbers;
}

function readScores(body: readonly Uint8Array[]): number[] {
  const { batch } = JSON.parse(Buffer.concat(body).toString('latin1')) as {
    batch: { id: string }[];
  };
  return batch.map(({ id }) => Number(id));
}
