import {
  costDetails,
  LangfuseAttribute,
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

/** Where refused values are named: bad input must be visible, not vanish. */
const REFUSED = `${LangfuseAttribute.observationMetadata}.langfuse_refused`;

/**
 * Writes what is said of an observation as the span attributes that the server
 * reads it from. Callers may be untyped, so every field is checked.
 */
export function describeObservation(
  attributes: ObservationAttributes & GenerationAttributes,
  capture: Capture,
  put: Put,
): void {
  const refused: string[] = [];
  const text = (key: string, value: unknown) => {
    const captured = value === null ? undefined : capture.text(value);
    if (captured !== undefined) put(key, captured);
  };

  text(LangfuseAttribute.observationInput, attributes.input);
  text(LangfuseAttribute.observationOutput, attributes.output);
  text(LangfuseAttribute.observationLevel, attributes.level);
  text(LangfuseAttribute.observationStatusMessage, attributes.statusMessage);
  text(LangfuseAttribute.version, attributes.version);
  text(LangfuseAttribute.model, attributes.model);
  text(LangfuseAttribute.modelParameters, attributes.modelParameters);
  for (const [key, value] of metadataEntries(attributes.metadata)) {
    text(`${LangfuseAttribute.observationMetadata}.${key}`, value);
  }

  const { completionStartTime, prompt } = attributes;
  if (completionStartTime !== undefined) {
    const start = new Date(completionStartTime);
    if (Number.isNaN(start.getTime())) {
      refused.push(`completionStartTime: not a date`);
    } else {
      put(LangfuseAttribute.completionStartTime, start.toISOString());
    }
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
  if (prompt && prompt.isFallback !== true) {
    // The server links a prompt by name and version together, never by one.
    if (typeof prompt.name === 'string' && Number.isInteger(prompt.version)) {
      put(LangfuseAttribute.promptName, prompt.name);
      put(LangfuseAttribute.promptVersion, prompt.version);
    } else {
      refused.push('prompt: needs a name and a whole number as version');
    }
  }
  if (refused.length > 0) put(REFUSED, refused.join('; '));
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
