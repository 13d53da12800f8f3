import { types } from 'node:util';
import {
  type CheckedDetails,
  costDetails,
  LangfuseAttribute,
  OBSERVATION_LEVELS,
  usageDetails,
  type WireAttributeValue,
} from '../wire/index.js';
import { type Capture, threwMark } from './capture/index.js';
import { describeMetadata } from './describe-metadata.js';
import type {
  GenerationAttributes,
  ObservationAttributes,
} from './observation-attributes.js';
import { PROMPT_RULE, promptLink } from './prompt-link.js';

/** Takes attributes that are fit for the wire, as a span does. */
export interface DescribedSpan {
  put(key: string, value: WireAttributeValue): void;
}

/** What can be said of an observation. Callers may be untyped. */
type Fields = { [Field in keyof GenerationAttributes]: unknown };

/** More than any way to write a date; parsing takes time. */
const MAX_DATE_LENGTH = 100;

/** As much of a refused value as its marker shows. */
const MAX_SHOWN = 80;

/** Of refused entries so many are named, as the server shows them in one text. */
const MAX_NAMED = 20;

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
  span: DescribedSpan,
): readonly string[] {
  const description = new Description(capture, span);
  if (isRecord(attributes)) {
    description.add(
      readAtOnce(attributes) ?? readOneByOne(attributes, description.refused),
    );
  } else {
    description.refuse('attributes', attributes, 'is not an object');
  }
  return description.refused;
}

class Description {
  readonly refused: string[] = [];

  constructor(
    private readonly capture: Capture,
    private readonly span: DescribedSpan,
  ) {}

  add(fields: Fields): void {
    this.text(LangfuseAttribute.observationInput, fields.input);
    this.text(LangfuseAttribute.observationOutput, fields.output);
    this.text(LangfuseAttribute.observationStatusMessage, fields.statusMessage);
    this.text(LangfuseAttribute.version, fields.version);
    this.text(LangfuseAttribute.model, fields.model);
    const { level, modelParameters, completionStartTime } = fields;
    if (isGiven(level)) this.addLevel(level);
    if (isGiven(modelParameters)) this.addModelParameters(modelParameters);
    if (isGiven(completionStartTime)) this.addStart(completionStartTime);
    const { usageDetails: usage, costDetails: cost, prompt } = fields;
    if (isGiven(usage)) {
      this.addDetails(LangfuseAttribute.usageDetails, usageDetails(usage));
    }
    if (isGiven(cost)) {
      this.addDetails(LangfuseAttribute.costDetails, costDetails(cost));
    }
    if (isGiven(prompt)) this.addPrompt(prompt);
    // Last: its keys are the user's, and a span takes a limited number.
    if (isGiven(fields.metadata)) describeMetadata(fields.metadata, this);
  }

  text(key: string, value: unknown): void {
    if (!isGiven(value)) return;
    const captured = this.capture.value(value);
    if (captured !== undefined) this.span.put(key, captured);
  }

  refuse(name: string, value: unknown, rule: string): void {
    const shown = this.capture.text(value)?.slice(0, MAX_SHOWN);
    this.refused.push(`${name}: ${shown} ${rule}`);
  }

  private addLevel(level: unknown): void {
    if (isLevel(level)) {
      this.span.put(LangfuseAttribute.observationLevel, level);
    } else {
      const rule = `is not one of ${OBSERVATION_LEVELS.join(', ')}`;
      this.refuse('level', level, rule);
    }
  }

  private addModelParameters(value: unknown): void {
    if (isRecord(value)) this.text(LangfuseAttribute.modelParameters, value);
    else this.refuse('modelParameters', value, 'is not an object');
  }

  private addStart(value: unknown): void {
    const start = dateOf(value)?.toISOString();
    if (start === undefined) {
      this.refuse('completionStartTime', value, 'is not a date');
    } else {
      this.span.put(LangfuseAttribute.completionStartTime, start);
    }
  }

  private addDetails(key: string, { json, refused }: CheckedDetails): void {
    this.refused.push(...refused.slice(0, MAX_NAMED));
    const others = refused.length - MAX_NAMED;
    if (others > 0) this.refused.push(`and ${others} others`);
    if (json !== undefined) this.span.put(key, json);
  }

  private addPrompt(value: unknown): void {
    const prompt = promptLink(value);
    if (prompt === undefined) return;
    if ('name' in prompt) {
      this.text(LangfuseAttribute.promptName, prompt.name);
      this.span.put(LangfuseAttribute.promptVersion, prompt.version);
    } else {
      this.refuse('prompt', prompt.refused, PROMPT_RULE);
    }
  }
}

/** Undefined when a getter or a Proxy trap throws. */
function readAtOnce(attributes: GenerationAttributes): Fields | undefined {
  try {
    return {
      input: attributes.input,
      output: attributes.output,
      statusMessage: attributes.statusMessage,
      version: attributes.version,
      model: attributes.model,
      level: attributes.level,
      modelParameters: attributes.modelParameters,
      completionStartTime: attributes.completionStartTime,
      usageDetails: attributes.usageDetails,
      costDetails: attributes.costDetails,
      prompt: attributes.prompt,
      metadata: attributes.metadata,
    };
  } catch {
    return undefined;
  }
}

/** All that can be read, and in `refused` what cannot. */
function readOneByOne(
  attributes: GenerationAttributes,
  refused: string[],
): Fields {
  const read = (field: keyof GenerationAttributes): unknown => {
    try {
      return attributes[field];
    } catch (error) {
      refused.push(`${field}: ${threwMark(error)}`);
      return undefined;
    }
  };
  return {
    input: read('input'),
    output: read('output'),
    statusMessage: read('statusMessage'),
    version: read('version'),
    model: read('model'),
    level: read('level'),
    modelParameters: read('modelParameters'),
    completionStartTime: read('completionStartTime'),
    usageDetails: read('usageDetails'),
    costDetails: read('costDetails'),
    prompt: read('prompt'),
    metadata: read('metadata'),
  };
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
