/** Finds the ids of the spans in an OTLP export, and reads nothing else. */

/** Field numbers of the messages on the way to `Span.span_id`. */
const RESOURCE_SPANS = 1;
const SCOPE_SPANS = 2;
const SPANS = 2;
const SPAN_ID = 2;

const LENGTH_DELIMITED = 2;

/** Bytes of a value that has no length of its own, by its wire type. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** Ids in hexadecimal digits, in their order. */
export function protobufSpanIds(body: Buffer): string[] {
  const ids: string[] = [];
  for (const resourceSpans of fields(body, RESOURCE_SPANS)) {
    for (const scopeSpans of fields(resourceSpans, SCOPE_SPANS)) {
      for (const span of fields(scopeSpans, SPANS)) {
        for (const id of fields(span, SPAN_ID)) ids.push(id.toString('hex'));
      }
    }
  }
  return ids;
}

/** The values of a length-delimited field. */
function* fields(message: Buffer, wanted: number): Iterable<Buffer> {
  let at = 0;
  while (at < message.length) {
    const [tag, tagEnd] = varint(message, at);
    const wireType = tag & 7;
    if (wireType !== LENGTH_DELIMITED) {
      at =
        tagEnd + (FIXED_BYTES[wireType] ?? varint(message, tagEnd)[1] - tagEnd);
      continue;
    }
    const [length, valueAt] = varint(message, tagEnd);
    at = valueAt + length;
    if (tag >>> 3 === wanted) yield message.subarray(valueAt, at);
  }
}

/** Its value, of which 32 bits count, and the position after it. */
function varint(message: Buffer, start: number): [number, number] {
  let value = 0;
  let at = start;
  for (let shift = 0; ; shift += 7) {
    const byte = message[at++] ?? 0;
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value >>> 0, at];
  }
}
