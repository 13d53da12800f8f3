/**
 * Records that carry their number: real OTLP spans with an id and a text, and
 * real JSON scores, as small as they can be, and how a server reads them back.
 */
import type { HttpRequest } from '../../../lib/deliver/http-client.js';
import type { LaneName, QueueRecord } from '../../../lib/queue/index.js';

const SPAN_ID_BYTES = 8;
const SCORE_START = '{"id":"';
const LETTER_I = 0x69;
const QUOTE = 0x22;
const DIGIT_ZERO = 0x30;
/** A score is not cut, so it stays small enough for any server. */
const MAX_SCORE_TEXT = 100;

/** The memory of the records of a run. */
export class RecordMemory {
  /** Records that were made and not released. */
  held = 0;
  /** Records that were released more than once. */
  releasedTwice = 0;
}

/** A record whose bytes are gone once it is released. */
class SimulatedRecord implements QueueRecord {
  readonly id: string;
  private isReleased = false;

  constructor(
    readonly lane: LaneName,
    number: number,
    readonly bytes: Uint8Array,
    private readonly memory: RecordMemory,
  ) {
    this.id = `${number}`;
    memory.held += 1;
  }

  release(): void {
    if (this.isReleased) this.memory.releasedTwice += 1;
    else this.memory.held -= 1;
    this.isReleased = true;
    this.bytes.fill(0);
  }
}

/** Record number `n` of a run. `padding` bytes are added that can be cut. */
export function makeRecord(
  lane: LaneName,
  number: number,
  padding: number,
  memory = new RecordMemory(),
): QueueRecord {
  const encode = lane === 'spans' ? encodeSpan : encodeScore;
  return new SimulatedRecord(lane, number, encode(number, padding), memory);
}

/** What a request is about: the lane of its route and the numbers of its records. */
export function readRequest({ url, body }: Pick<HttpRequest, 'url' | 'body'>): {
  readonly lane: LaneName;
  readonly numbers: number[];
} {
  return url.pathname.endsWith('/traces')
    ? { lane: 'spans', numbers: readSpans(body) }
    : { lane: 'scores', numbers: readScores(body) };
}

const SLAB_BYTES = 256 * 1024;

/** Where records are written side by side, as the library's encoder does. */
let slab = Buffer.alloc(SLAB_BYTES);
let slabEnd = 0;

function allocate(bytes: number): Buffer {
  if (slabEnd + bytes > slab.length) {
    slab = Buffer.alloc(SLAB_BYTES);
    slabEnd = 0;
  }
  slabEnd += bytes;
  return slab.subarray(slabEnd - bytes, slabEnd);
}

/** Spans of one size differ in their number only. */
const templates = new Map<number, Uint8Array>();

function encodeSpan(number: number, padding: number): Uint8Array {
  let template = templates.get(padding);
  if (!template) {
    template = spanTemplate(padding);
    templates.set(padding, template);
  }
  const span = allocate(template.length);
  span.set(template);
  span.writeUInt32BE(number, idOffset(span) + SPAN_ID_BYTES - 4);
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
  const text = `${SCORE_START}${number}","pad":"${pad}"}`;
  const score = allocate(text.length);
  score.write(text, 'latin1');
  return score;
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
      numbers.push(readUInt32(chunk, at + 2 + SPAN_ID_BYTES - 4));
      at += length;
    }
  }
  return numbers;
}

function readUInt32(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) value = value * 256 + bytes[i]!;
  return value;
}

/** Each score is a chunk of its own, between brackets and commas. */
function readScores(body: readonly Uint8Array[]): number[] {
  const numbers: number[] = [];
  for (const chunk of body) {
    if (chunk.length <= SCORE_START.length || chunk[2] !== LETTER_I) continue;
    let number = 0;
    let at = SCORE_START.length;
    for (; chunk[at] !== QUOTE; at++) {
      number = number * 10 + chunk[at]! - DIGIT_ZERO;
    }
    numbers.push(number);
  }
  return numbers;
}
