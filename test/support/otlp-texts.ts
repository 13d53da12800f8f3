/** The bytes of all texts of a trace export, as they were sent. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

// A decoder of strings replaces what is no UTF-8, and nobody would notice.
const schema = readFileSync(join(import.meta.dirname, 'otlp.proto'), 'utf8');
const asBytes = schema.replace(/^(\s*)string (\w+ =)/gm, '$1bytes $2');
const requestType = protobuf
  .parse(asBytes)
  .root.lookupType('ExportTraceServiceRequest');

/** Names, keys and values, without ids. */
export function* textsOf(exported: Uint8Array): Iterable<Uint8Array> {
  yield* textsIn(requestType.decode(exported));
}

function* textsIn(message: object): Iterable<Uint8Array> {
  for (const [field, value] of Object.entries(message)) {
    if (value instanceof Uint8Array) {
      if (!field.endsWith('Id')) yield value;
    } else if (typeof value === 'object' && value !== null) {
      yield* textsIn(value as object);
    }
  }
}
