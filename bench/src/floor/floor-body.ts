/**
 * The body of one OTLP export, written span by span into memory of its own.
 *
 * Each span carries what the other contenders send of it: ids, parent, name,
 * kind, times and flags; type, input, output, metadata (one attribute a key) and
 * for a generation model, its parameters and usage; and of its trace, since the
 * server inherits nothing: user, session, trace name, environment and release.
 */
import type { ObservationValues } from '../values/trace-values.js';
import { putAttribute, putConstant } from './attributes.js';
import { putTime, putText, putVarint, varintBytes } from './protobuf.js';
import type { TraceFields } from './trace-fields.js';

/** A body is sent when it has so many spans or bytes. */
const MAX_SPANS = 512;
const MAX_BYTES = 3_000_000;

/** For the span that goes beyond: more than one of the largest workload. */
const MAX_SPAN_BYTES = 1_000_000;

/** `ScopeSpans.spans`, and the fields of a `Span`. */
const SPANS = 0x12;
const TRACE_ID = 0x0a;
const SPAN_ID = 0x12;
const PARENT_SPAN_ID = 0x22;
const NAME = 0x2a;
const KIND = 0x30;
const START_TIME = 0x39;
const END_TIME = 0x41;

/** `SPAN_KIND_INTERNAL`; a local parent, sampled. */
const KIND_INTERNAL = 1;
const FLAGS = Buffer.from([0x85, 0x01, 0x01, 0x01, 0, 0]);

/** A usual span but for its input and output, to guess the length's length. */
const BARE_SPAN_BYTES = 900;

const METADATA = 'langfuse.observation.metadata.';

/** One observation that has ended. */
export interface EndedObservation {
  readonly values: ObservationValues;
  /** 0 for the root. */
  readonly index: number;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  readonly endTime: number;
}

/** Memory for one body, to be used again when it was sent. */
export class FloorBody {
  private readonly memory: Buffer;
  private at: number;
  private spans = 0;

  /** @param head What comes before the spans, for spans of so many bytes. */
  constructor(private readonly head: (spansBytes: number) => Buffer) {
    this.at = head(MAX_BYTES).length;
    this.memory = Buffer.allocUnsafeSlow(this.at + MAX_BYTES + MAX_SPAN_BYTES);
  }

  get isEmpty(): boolean {
    return this.spans === 0;
  }

  get isFull(): boolean {
    return this.spans >= MAX_SPANS || this.at >= MAX_BYTES;
  }

  add(observation: EndedObservation, trace: TraceFields): void {
    const { values } = observation;
    const { memory } = this;
    const input = textOf(values.input);
    const output = textOf(values.output);
    const room = varintBytes(input.length + output.length + BARE_SPAN_BYTES);
    const lengthAt = this.at + 1;
    memory[this.at] = SPANS;
    let at = putHead(memory, lengthAt + room, observation, trace);
    at = putConstant(memory, at, 'langfuse.observation.type', values.type);
    at = putAttribute(memory, at, 'langfuse.observation.input', input);
    at = putAttribute(memory, at, 'langfuse.observation.output', output);
    at = putDetails(memory, at, values);
    trace.attributes.copy(memory, at, 0, trace.attributesBytes);
    at += trace.attributesBytes;
    memory.set(FLAGS, at);
    at += FLAGS.length;
    this.at = closed(memory, lengthAt, room, at);
    this.spans += 1;
  }

  /** The whole body, as a view of the memory. */
  finish(): Buffer {
    const spansAt = this.head(MAX_BYTES).length;
    const head = this.head(this.at - spansAt);
    const start = spansAt - head.length;
    this.memory.set(head, start);
    return this.memory.subarray(start, this.at);
  }

  clear(): void {
    this.at = this.head(MAX_BYTES).length;
    this.spans = 0;
  }
}

function putHead(
  memory: Buffer,
  start: number,
  { values, index, startTime, endTime }: EndedObservation,
  trace: TraceFields,
): number {
  let at = putBytes(memory, start, TRACE_ID, trace, trace.traceIdAt, 16);
  at = putBytes(memory, at, SPAN_ID, trace, trace.spanIdAt(index), 8);
  if (index > 0) {
    at = putBytes(memory, at, PARENT_SPAN_ID, trace, trace.spanIdAt(0), 8);
  }
  memory[at] = NAME;
  memory[at + 1] = putText(memory, at + 2, values.name);
  at += 2 + memory[at + 1]!;
  memory[at] = KIND;
  memory[at + 1] = KIND_INTERNAL;
  memory[at + 2] = START_TIME;
  at = putTime(memory, at + 3, startTime);
  memory[at] = END_TIME;
  return putTime(memory, at + 1, endTime);
}

function putBytes(
  memory: Buffer,
  at: number,
  tag: number,
  { random }: TraceFields,
  from: number,
  length: number,
): number {
  memory[at] = tag;
  memory[at + 1] = length;
  for (let i = 0; i < length; i++) memory[at + 2 + i] = random[from + i]!;
  return at + 2 + length;
}

function putDetails(
  memory: Buffer,
  start: number,
  { call, metadata }: ObservationValues,
): number {
  let at = start;
  for (const key in metadata) {
    const text = textOf(metadata[key]);
    at = putAttribute(memory, at, METADATA + key, text);
  }
  if (!call) return at;
  at = putConstant(memory, at, 'langfuse.observation.model.name', call.model);
  at = putAttribute(
    memory,
    at,
    'langfuse.observation.model.parameters',
    JSON.stringify(call.modelParameters),
  );
  return putAttribute(
    memory,
    at,
    'langfuse.observation.usage_details',
    JSON.stringify(call.usageDetails),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Writes the length of a message that ends at `end`; returns its new end. */
function closed(
  memory: Buffer,
  lengthAt: number,
  room: number,
  end: number,
): number {
  const bytes = end - lengthAt - room;
  const shift = varintBytes(bytes) - room;
  if (shift !== 0) {
    memory.copyWithin(lengthAt + room + shift, lengthAt + room, end);
  }
  putVarint(memory, lengthAt, bytes);
  return end + shift;
}
