import {
  costDetails,
  LangfuseAttribute,
  OBSERVATION_LEVELS,
  usageDetails,
  type WireAttributeValue,
} from '../wire/index.js';
import type { Capture } from './capture/index.js';
import type {
  GenerationAttributes,
  ObservationAttributes,
} from './observation-attributes.js';

/** Takes one attribute that is fit for the wire. */
type Put = (key: string, value: WireAttributeValue) => void;

/** The server keeps the version of a prompt in 16 bits. */
const MAX_PROMPT_VERSION = 65_535;

/** As much of a refused value as its marker shows. */
const MAX_SHOWN = 80;

/**
 * Writes what is said of an observation as the span attributes that the server
 * reads it from. Callers may be untyped, so every field is checked.
 *
 * @returns what is wrong with the values that were left out
 */
export function describeObservation(
  attributes: ObservationAttributes & GenerationAttributes,
  capture: Capture,
  put: Put,
): readonly string[] {
  const refused: string[] = [];
  const text = (key: string, value: unknown) => {
    const captured = value === null ? undefined : capture.text(value);
    if (captured !== undefined) put(key, captured);
  };
  const refuse = (name: string, value: unknown, rule: string) => {
    const shown = capture.text(value)?.slice(0, MAX_SHOWN);
    refused.push(`${name}: ${shown} ${rule}`);
  };

  text(LangfuseAttribute.observationInput, attributes.input);
  text(LangfuseAttribute.observationOutput, attributes.output);
  text(LangfuseAttribute.observationStatusMessage, attributes.statusMessage);
  text(LangfuseAttribute.version, attributes.version);
  text(LangfuseAttribute.model, attributes.model);
  for (const [key, value] of metadataEntries(attributes.metadata)) {
    text(`${LangfuseAttribute.observationMetadata}.${key}`, value);
  }

  const { level, modelParameters, completionStartTime, prompt } = attributes;
  if (isLevel(level)) {
    put(LangfuseAttribute.observationLevel, level);
  } else if (isGiven(level)) {
    refuse('level', level, `is not one of ${OBSERVATION_LEVELS.join(', ')}`);
  }
  if (isRecord(modelParameters)) {
    text(LangfuseAttribute.modelParameters, modelParameters);
  } else if (isGiven(modelParameters)) {
    refuse('modelParameters', modelParameters, 'is not an object');
  }
  const start = dateOf(completionStartTime);
  if (start !== undefined) {
    put(LangfuseAttribute.completionStartTime, start.toISOString());
  } else if (isGiven(completionStartTime)) {
    refuse('completionStartTime', completionStartTime, 'is not a date');
  }
  if (attributes.usageDetails !== undefined) {
    const usage = usageDetails(attributes.usageDetails);
    refused.push(...usage.refused);
    if (usage.json !== undefined)
      put(LangfuseAttribute.usageDetails, usage.json);
  }
  if (attributes.costDetails !== undefined) {
    const cost = costDetails(attributes.costDetails);
    refused.push(...cost.refused);
    if (cost.json !== undefined) put(LangfuseAttribute.costDetails, cost.json);
  }
  if (isGiven(prompt) && prompt.isFallback !== true) {
    // The server links a prompt by name and version together, never by one.
    if (typeof prompt.name === 'string' && isPromptVersion(prompt.version)) {
      put(LangfuseAttribute.promptName, prompt.name);
      put(LangfuseAttribute.promptVersion, prompt.version);
    } else {
      const rule = `needs a name and a version from 0 to ${MAX_PROMPT_VERSION}`;
      refuse('prompt', prompt, rule);
    }
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
    OBSERVATION_LEVELS.some((level) => level === value.toUpperCase())
  );
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPromptVersion(value: unknown): boolean {
  return (
    Number.isInteger(value) &&
    Number(value) >= 0 &&
    Number(value) <= MAX_PROMPT_VERSION
  );
}

/** The moment that is meant by a Date, a text or epoch milliseconds. */
function dateOf(value: unknown): Date | undefined {
  if (
    !(value instanceof Date) &&
    typeof value !== 'string' &&
    typeof value !== 'number'
  ) {
    return undefined;
  }
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The server drops metadata that is no object, so it is given a key. */
function metadataEntries(metadata: unknown): Iterable<[string, unknown]> {
  if (metadata === undefined || metadata === null) return [];
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    return [['metadata', metadata]];
  }
  try {
    return Object.entries(metadata);
  } catch {
    // A Proxy or getter that throws: the capture says so under one key.
    return [['metadata', metadata]];
  }
}
