/**
 * Protobuf's encoding, as little of it as OTLP spans need. Lengths are written
 * after what they count: the room for them is guessed, and only where the guess
 * was wrong are bytes moved.
 */

/** What `Buffer` has beneath its checks. */
interface FastBuffer extends Buffer {
  utf8Write(text: string, at: number): number;
}

/** Up to here a loop is faster than the call into C++. */
const SHORT_STRING = 24;

export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return 4;
}

export function putVarint(memory: Buffer, at: number, value: number): number {
  let position = at;
  let rest = value;
  while (rest > 0x7f) {
    memory[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  memory[position++] = rest;
  return position;
}

/** The text in UTF-8; returns the bytes written. The caller has made room. */
export function putText(memory: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length > SHORT_STRING) return (memory as FastBuffer).utf8Write(text, at);
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return memory.write(text, at);
    memory[at + i] = unit;
  }
  return length;
}

/** Nanoseconds since the epoch, exact to some hundred of them. */
export function putTime(memory: Buffer, at: number, ms: number): number {
  const nanoseconds = ms * 1e6;
  const high = Math.floor(nanoseconds / 2 ** 32);
  const low = nanoseconds - high * 2 ** 32;
  memory.writeUInt32LE(low, at);
  memory.writeUInt32LE(high, at + 4);
  return at + 8;
}
