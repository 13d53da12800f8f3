/** Trace and span ids in the forms in which the server takes them. */
import { member } from './json.js';

/**
 * The id as the server stores it: strings verbatim, whatever they say, and
 * bytes (also as a list of numbers or as the JSON of a Buffer) in hex.
 * Undefined for anything else.
 */
export function idText(id: unknown): string | undefined {
  if (typeof id === 'string') {
    return id;
  }
  const bytes = member(id, 'type') === 'Buffer' ? member(id, 'data') : id;
  if (Array.isArray(bytes)) {
    return Buffer.from(bytes.map(toNumber)).toString('hex');
  }
  return id instanceof Uint8Array ? Buffer.from(id).toString('hex') : undefined;
}

/** Over protobuf, no bytes are how an absent id looks. */
export function isAbsentId(id: unknown): boolean {
  return (
    id === undefined ||
    id === null ||
    (id instanceof Uint8Array && id.length === 0)
  );
}

/** Objects have conversions of their own, which may throw. */
function toNumber(byte: unknown): number {
  return typeof byte === 'object' ? 0 : Number(byte);
}
