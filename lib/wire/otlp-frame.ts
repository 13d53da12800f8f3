/**
 * Who made spans, as OTLP bytes: the resource (the process) and the
 * instrumentation scope (the library).
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
import type { WireAttributes } from './attribute-value.js';
import { estimateAttributes, writeAttributes } from './otlp-attributes.js';
import { WireType, fieldTag } from './protobuf-encoding.js';
import { ProtobufWriter } from './protobuf-writer.js';

export const ExportTraceServiceRequest = {
  resourceSpans: fieldTag(1, WireType.lengthDelimited),
};

export const ResourceSpans = {
  resource: fieldTag(1, WireType.lengthDelimited),
  scopeSpans: fieldTag(2, WireType.lengthDelimited),
};

export const ScopeSpans = {
  scope: fieldTag(1, WireType.lengthDelimited),
  spans: fieldTag(2, WireType.lengthDelimited),
};

const Resource = {
  attributes: fieldTag(1, WireType.lengthDelimited),
};

const InstrumentationScope = {
  name: fieldTag(1, WireType.lengthDelimited),
  version: fieldTag(2, WireType.lengthDelimited),
  attributes: fieldTag(3, WireType.lengthDelimited),
};

/** What spans of one origin have in common, encoded once. */
export interface BatchFrame {
  /** `ResourceSpans.resource`, with its tag and length. */
  readonly resource: Uint8Array;
  /** `ScopeSpans.scope`, with its tag and length. */
  readonly scope: Uint8Array;
}

/** An instrumentation scope, which the server also calls the SDK. */
export interface WireScope {
  readonly name: string;
  readonly version?: string | undefined;
  readonly attributes?: WireAttributes | undefined;
}

/** Where spans come from. */
export interface BatchOrigin {
  readonly resource: WireAttributes;
  readonly scope: WireScope;
}

/** Encodes what the spans of one origin have in common. */
export function encodeBatchFrame({ resource, scope }: BatchOrigin): BatchFrame {
  return { resource: encodeResource(resource), scope: encodeScope(scope) };
}

/** `ResourceSpans.resource`, with its tag and length. */
export function encodeResource(resource: WireAttributes): Uint8Array {
  const bytes = estimateAttributes(resource);
  const writer = new ProtobufWriter(1024);
  writer.begin();
  writer.openMessage(ResourceSpans.resource, bytes);
  writeAttributes(writer, Resource.attributes, resource);
  writer.closeMessage();
  return writer.finish();
}

/** `ScopeSpans.scope`, with its tag and length. */
export function encodeScope({
  name,
  version,
  attributes,
}: WireScope): Uint8Array {
  const writer = new ProtobufWriter(1024);
  writer.begin();
  writer.openMessage(ScopeSpans.scope, name.length);
  writer.string(InstrumentationScope.name, name);
  if (version) writer.string(InstrumentationScope.version, version);
  if (attributes) {
    writeAttributes(writer, InstrumentationScope.attributes, attributes);
  }
  writer.closeMessage();
  return writer.finish();
}
