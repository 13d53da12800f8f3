/**
 * Metadata as the server stores and returns it: flattened to dotted names with
 * a string each, and read back with each string parsed as JSON where it is JSON.
 */
import { AI_SDK_INPUT_OUTPUT_KEYS, aiSdkMetadata } from './ai-sdk.js';
import { isObject, parseJson, type JsonObject } from './json.js';
import { asText, firstTruthy, type Attributes } from './span-attributes.js';

/** The instrumentation scope of a span. */
export interface Scope {
  readonly name: string;
  readonly version: string | undefined;
  readonly attributes: Attributes;
}

const COMPAT_PREFIX = 'langfuse.metadata';
/** Deeper objects would exhaust the stack. */
const MAX_DEPTH = 100;
const INPUT_OUTPUT_KEYS = new Set([
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.trace.input',
  'langfuse.trace.output',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'input.value',
  'output.value',
  ...AI_SDK_INPUT_OUTPUT_KEYS,
]);

/**
 * Metadata of an observation. Of the same key, trace metadata beats observation
 * metadata, which beats what the server adds.
 */
export function observationMetadata(
  attributes: Attributes,
  resource: Attributes,
  scope: Scope,
): JsonObject {
  return storedMetadata({
    resourceAttributes: Object.fromEntries(resource),
    scope: {
      name: scope.name,
      version: scope.version,
      attributes: Object.fromEntries(scope.attributes),
    },
    ...(scope.name.startsWith('langfuse-sdk')
      ? undefined
      : { attributes: remainingAttributes(attributes) }),
    ...sentMetadata(attributes),
  });
}

/** Metadata as it was sent, before it is stored, without what the server adds. */
export function sentMetadata(attributes: Attributes): JsonObject {
  return {
    ...Object.fromEntries(aiSdkMetadata(attributes)),
    ...metadataUnder('langfuse.observation.metadata', attributes),
    ...metadataUnder('langfuse.trace.metadata', attributes),
  };
}

/** What comes back after `metadata` was stored and read again. */
export function storedMetadata(metadata: JsonObject): JsonObject {
  const stored = new Map<string, unknown>();
  flatten(metadata, '', stored);
  return Object.fromEntries(stored);
}

function flatten(
  source: JsonObject,
  prefix: string,
  target: Map<string, unknown>,
  depth = 0,
): void {
  for (const [key, value] of Object.entries(source)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (isObject(value) && !Array.isArray(value)) {
      if (depth < MAX_DEPTH) {
        flatten(value, path, target, depth + 1);
      } else {
        target.set(path, `[nested deeper than ${MAX_DEPTH}]`);
      }
    } else if (typeof value === 'string') {
      const parsed = parseJson(value);
      target.set(path, parsed === undefined ? value : parsed);
    } else if (value !== undefined) {
      target.set(path, value);
    }
  }
}

/**
 * The JSON object under `prefix` together with the attributes below it. A
 * string, a number or broken JSON under `prefix` itself vanishes.
 */
function metadataUnder(prefix: string, attributes: Attributes): JsonObject {
  const whole = firstTruthy(attributes, prefix, COMPAT_PREFIX);
  const parsed = typeof whole === 'string' ? parseJson(whole) : whole;
  const metadata: [string, unknown][] = isObject(parsed)
    ? Object.entries(parsed)
    : [];
  for (const [key, value] of attributes) {
    for (const start of [`${prefix}.`, `${COMPAT_PREFIX}.`]) {
      if (key.startsWith(start)) {
        metadata.push([key.slice(start.length), value]);
      }
    }
  }
  return Object.fromEntries(metadata);
}

function remainingAttributes(attributes: Attributes): JsonObject {
  return Object.fromEntries(
    [...attributes]
      .filter(([key]) => !INPUT_OUTPUT_KEYS.has(key))
      .map(([key, value]) => [key, asText(value)]),
  );
}
