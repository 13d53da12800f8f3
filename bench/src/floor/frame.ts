/** What an OTLP export has before its spans: lengths, resource and scope. */
import { putVarint } from './protobuf.js';

/** `resource_spans`, and the fields `resource` and `scope_spans` of it. */
const RESOURCE_SPANS = 0x0a;
const RESOURCE = 0x0a;
const SCOPE_SPANS = 0x12;

/** `ScopeSpans.scope` with its name and version. */
const SCOPE = 0x0a;
const SCOPE_NAME = 'langfuse-sdk';
const SCOPE_VERSION = '1.0.0';

const SERVICE_NAME = 'bench';

/** Makes the head of a body from the bytes that its spans take. */
export function frameHead(): (spansBytes: number) => Buffer {
  const service = message(0x0a, [
    message(0x0a, [Buffer.from('service.name')]),
    message(0x12, [message(0x0a, [Buffer.from(SERVICE_NAME)])]),
  ]);
  const resource = message(RESOURCE, [service]);
  const scope = message(SCOPE, [
    message(0x0a, [Buffer.from(SCOPE_NAME)]),
    message(0x12, [Buffer.from(SCOPE_VERSION)]),
  ]);
  return (spansBytes) => {
    const scopeBytes = scope.length + spansBytes;
    const scopeSpans = prefix(SCOPE_SPANS, scopeBytes);
    const rest = resource.length + scopeSpans.length + scopeBytes;
    return Buffer.concat([
      prefix(RESOURCE_SPANS, rest),
      resource,
      scopeSpans,
      scope,
    ]);
  };
}

function message(tag: number, fields: readonly Buffer[]): Buffer {
  const body = Buffer.concat(fields);
  return Buffer.concat([prefix(tag, body.length), body]);
}

function prefix(tag: number, bytes: number): Buffer {
  const memory = Buffer.alloc(6);
  memory[0] = tag;
  return memory.subarray(0, putVarint(memory, 1, bytes));
}
