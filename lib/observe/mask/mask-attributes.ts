import {
  JsonParts,
  LangfuseAttribute,
  OBSERVATION_LEVELS,
  OBSERVATION_TYPES,
  type WireAttributes,
  type WireAttributeValue,
} from '../../wire/index.js';
import type { Masking, MaskSlot } from './masking.js';

/** Keys that no application chose. */
const OWN_KEYS: ReadonlySet<string> = new Set([
  ...Object.values(LangfuseAttribute),
  // Of OpenTelemetry's `recordException()`.
  'exception.type',
  'exception.message',
  'exception.stacktrace',
]);

/** What stands before a key that the application chose. */
const KEY_PREFIXES = [
  `${LangfuseAttribute.observationMetadata}.`,
  `${LangfuseAttribute.traceMetadata}.`,
] as const;

/**
 * The attributes whose values are words or forms of Langfuse's own: what fits
 * says nothing of a user, and a server could not read it in any other form.
 */
const OWN_VALUES: ReadonlyMap<string, RegExp> = new Map([
  [
    LangfuseAttribute.observationType,
    new RegExp(`^(?:${OBSERVATION_TYPES.join('|')})$`),
  ],
  [
    LangfuseAttribute.observationLevel,
    new RegExp(`^(?:${OBSERVATION_LEVELS.join('|')})$`, 'i'),
  ],
  [
    LangfuseAttribute.completionStartTime,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  ],
]);

/** A key that the mask left nothing of: attributes need one. */
const EMPTY_KEY = '[masked]';

/**
 * Has the mask go through keys and values.
 *
 * @returns what gives the masked attributes once the mask has answered. Keys
 * that have become the same are told apart by a number.
 */
export function maskAttributes(
  attributes: WireAttributes,
  masking: Masking,
): () => WireAttributes {
  const entries = [...attributes].map(
    ([key, value]) =>
      [maskKey(key, masking), maskValue(key, value, masking)] as const,
  );
  return () => {
    const masked = new Map<string, WireAttributeValue>();
    for (const [key, value] of entries)
      masked.set(freeKey(key(), masked), value());
    return masked;
  };
}

function maskKey(key: string, masking: Masking): () => string {
  if (OWN_KEYS.has(key)) return () => key;
  const prefix = KEY_PREFIXES.find((start) => key.startsWith(start)) ?? '';
  const slot = masking.text(key.slice(prefix.length), 'attribute.key');
  return () => prefix + (slot.text || EMPTY_KEY);
}

function maskValue(
  key: string,
  value: WireAttributeValue,
  masking: Masking,
): () => WireAttributeValue {
  if (typeof value === 'string') {
    if (OWN_VALUES.get(key)?.test(value)) return () => value;
    const slot = masking.text(value, key);
    return () => slot.text;
  }
  if (JsonParts.is(value)) {
    const slot = masking.text(value.toString(), key);
    return () => slot.text;
  }
  if (!isList(value)) return () => value;
  const entries = value.map((entry) =>
    typeof entry === 'string' ? masking.text(entry, key) : entry,
  );
  // Those of one list are all of one type, as they were before.
  return () => entries.map(textOrSelf) as WireAttributeValue;
}

function textOrSelf<T>(entry: MaskSlot | T): string | T {
  return typeof entry === 'object' && entry !== null
    ? (entry as MaskSlot).text
    : (entry as T);
}

function isList(
  value: WireAttributeValue,
): value is Extract<WireAttributeValue, readonly unknown[]> {
  return typeof value === 'object';
}

/** Two secrets that became one mark must not cost one of their values. */
function freeKey(key: string, taken: WireAttributes): string {
  if (!taken.has(key)) return key;
  let number = 2;
  while (taken.has(`${key} ${number}`)) number += 1;
  return `${key} ${number}`;
}
