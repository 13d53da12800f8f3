import { types } from 'node:util';
import {
  type CheckedDetails,
  costDetails,
  LangfuseAttribute,
  OBSERVATION_LEVELS,
  usageDetails,
  type WireAttributeValue,
} from '../wire/index.js';
import {
  type Capture,
  hasFieldsOnly,
  threwMark,
  truncatedMark,
} from './capture/index.js';
import type {
  GenerationAttributes,
  ObservationAttributes,
} from './observation-attributes.js';
import { PROMPT_RULE, promptLink } from './prompt-link.js';

/** Takes one attribute that is fit for the wire. */
type Put = (key: string, value: WireAttributeValue) => void;

/** More than any way to write a date; parsing takes time. */
const MAX_DATE_LENGTH = 100;

/** As much of a refused value as its marker shows. */
const MAX_SHOWN = 80;

/** Of refused entries so many are named, as the server shows them in one text. */
const MAX_NAMED = 20;

/** Half of the attributes of a span: what comes later finds room. */
const MAX_METADATA_KEYS = 512;

/** In UTF-16 units, beyond the prefix. */
const MAX_METADATA_KEY_LENGTH = 256;

/** The key that says that others are left out, as in captured objects. */
const MORE = '…';

/**
 * Writes what is said of an observation as the span attributes that the server
 * reads it from. Callers may be untyped, so every field is checked, and one
 * that throws when it is read costs no other.
 *
 * @returns what is wrong with the values that were left out
 */
export function describeObservation(
  attributes: ObservationAttributes & GenerationAttributes,
  capture: Capture,
  put: Put,
): readonly string[] {
  const refused: string[] = [];
  const read = (field: keyof GenerationAttributes): unknown => {
    try {
      return attributes[field];
    } catch (error) {
      refused.push(`${field}: ${threwMark(error)}`);
      return undefined;
    }
  };
  const text = (key: string, value: unknown) => {
    const captured = value === null ? undefined : capture.text(value);
    if (captured !== undefined) put(key, captured);
  };
  const refuse = (name: string, value: unknown, rule: string) => {
    const shown = capture.text(value)?.slice(0, MAX_SHOWN);
    refused.push(`${name}: ${shown} ${rule}`);
  };
  const details = (key: string, { json, refused: bad }: CheckedDetails) => {
    refused.push(...bad.slice(0, MAX_NAMED));
    const others = bad.length - MAX_NAMED;
    if (others > 0) refused.push(`and ${others} others`);
    if (json !== undefined) put(key, json);
  };

  if (!isRecord(attributes)) {
    refuse('attributes', attributes, 'is not an object');
    return refused;
  }
  text(LangfuseAttribute.observationInput, read('input'));
  text(LangfuseAttribute.observationOutput, read('output'));
  text(LangfuseAttribute.observationStatusMessage, read('statusMessage'));
  text(LangfuseAttribute.version, read('version'));
  text(LangfuseAttribute.model, read('model'));
  const level = read('level');
  if (isLevel(level)) {
    put(LangfuseAttribute.observationLevel, level);
  } else if (isGiven(level)) {
    refuse('level', level, `is not one of ${OBSERVATION_LEVELS.join(', ')}`);
  }
  const modelParameters = read('modelParameters');
  if (isRecord(modelParameters)) {
    text(LangfuseAttribute.modelParameters, modelParameters);
  } else if (isGiven(modelParameters)) {
    refuse('modelParameters', modelParameters, 'is not an object');
  }
  const completionStartTime = read('completionStartTime');
  const start = dateOf(completionStartTime);
  if (start !== undefined) {
    put(LangfuseAttribute.completionStartTime, start.toISOString());
  } else if (isGiven(completionStartTime)) {
    refuse('completionStartTime', completionStartTime, 'is not a date');
  }
  details(LangfuseAttribute.usageDetails, usageDetails(read('usageDetails')));
  details(LangfuseAttribute.costDetails, costDetails(read('costDetails')));
  const prompt = promptLink(read('prompt'));
  if (prompt !== undefined && 'name' in prompt) {
    text(LangfuseAttribute.promptName, prompt.name);
    put(LangfuseAttribute.promptVersion, prompt.version);
  } else if (prompt !== undefined) {
    refuse('prompt', prompt.refused, PROMPT_RULE);
  }
  // Last: its keys are the user's, and a span takes a limited number.
  for (const [key, value] of metadataEntries(read('metadata'))) {
    text(`${LangfuseAttribute.observationMetadata}.${key}`, value);
  }
  return refused;
}

function isGiven<T>(value: T): value is T & NonNullable<T> {
  return value !== undefined && value !== null;
}

/** The server takes any other word for DEFAULT. */
function isLevel(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    OBSERVATION_LEVELS.some(
      (level) => level.length === value.length && level === value.toUpperCase(),
    )
  );
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isArray(value);
}

/** A revoked Proxy, which throws even here, is none. */
function isArray(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** The moment that is meant by a Date, a text or epoch milliseconds. */
function dateOf(value: unknown): Date | undefined {
  const isTime =
    types.isDate(value) ||
    typeof value === 'number' ||
    (typeof value === 'string' && value.length <= MAX_DATE_LENGTH);
  if (!isTime) return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/**
 * One entry for each attribute. The server drops metadata that is no object, so
 * that is given a key, and so are objects that say themselves what is shown of
 * them, such as a Map or one with `toJSON`.
 */
function metadataEntries(metadata: unknown): Iterable<[string, unknown]> {
  if (!isGiven(metadata)) return [];
  try {
    if (typeof metadata === 'object' && hasFieldsOnly(metadata)) {
      return fieldsOf(metadata);
    }
  } catch {
    // A Proxy that throws: the capture says so under one key.
  }
  return [['metadata', metadata]];
}

function* fieldsOf(metadata: object): Iterable<[string, unknown]> {
  let count = 0;
  for (const key of Object.keys(metadata)) {
    if (count++ >= MAX_METADATA_KEYS) {
      yield [MORE, truncatedMark(`${MAX_METADATA_KEYS} keys`)];
      return;
    }
    yield [shortKey(key, count), valueOf(metadata, key)];
  }
}

/** The position keeps keys apart that begin alike. */
function shortKey(key: string, position: number): string {
  return key.length <= MAX_METADATA_KEY_LENGTH
    ? key
    : `${key.slice(0, MAX_METADATA_KEY_LENGTH)}${MORE} ` +
        truncatedMark(`key ${position}`);
}

function valueOf(metadata: object, key: string): unknown {
  try {
    return (metadata as Readonly<Record<string, unknown>>)[key];
  } catch (error) {
    return threwMark(error);
  }
}
