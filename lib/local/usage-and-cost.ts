/** Token usage and cost as the server reads them from span attributes. */
import { aiSdkUsage } from './ai-sdk-usage.js';
import { isAiSdk } from './ai-sdk.js';
import { isObject, parseJson, type JsonObject } from './json.js';
import type { Scope } from './metadata.js';
import {
  asText,
  firstTruthy,
  type Attributes,
  type AttributeValue,
} from './span-attributes.js';

type Details = Readonly<Record<string, number>>;

/** Keys of other conventions, by the server's name for the count. */
const GEN_AI_USAGE: Readonly<Record<string, readonly string[]>> = {
  input: [
    'gen_ai.usage.input_tokens',
    'gen_ai.usage.prompt_tokens',
    'llm.token_count.prompt',
  ],
  output: [
    'gen_ai.usage.output_tokens',
    'gen_ai.usage.completion_tokens',
    'llm.token_count.completion',
  ],
  total: ['gen_ai.usage.total_tokens', 'llm.token_count.total'],
  input_cached_tokens: [
    'gen_ai.usage.cache_read.input_tokens',
    'gen_ai.usage.cache_read_input_tokens',
  ],
  input_cache_creation: [
    'gen_ai.usage.cache_creation.input_tokens',
    'gen_ai.usage.cache_creation_input_tokens',
  ],
  output_reasoning_tokens: ['gen_ai.usage.reasoning.output_tokens'],
};

const MAX_COST = 999_999.999_999;

/**
 * Counts by kind. `total` is their sum unless one was sent.
 *
 * @param genAi - Whether `gen_ai.*` and `llm.*` attributes count.
 */
export function usageDetails(
  attributes: Attributes,
  genAi: boolean,
  scope: Scope,
): Details {
  const sent = firstTruthy(attributes, 'langfuse.observation.usage_details');
  const usage =
    (sent === null ? undefined : sentUsage(sent)) ??
    (isAiSdk(scope) ? aiSdkUsage(attributes) : undefined) ??
    (genAi ? genAiUsage(attributes) : {});
  const counts = Object.values(usage);
  return counts.length === 0 || 'total' in usage
    ? usage
    : { ...usage, total: sum(counts) };
}

/**
 * US dollars by kind. `total` is the sum when only input and output were sent.
 *
 * @param genAi - Whether `gen_ai.*` and `llm.*` attributes count.
 */
export function costDetails(attributes: Attributes, genAi: boolean): Details {
  const cost = sentCost(attributes) ?? (genAi ? genAiCost(attributes) : {});
  const kinds = Object.keys(cost);
  return kinds.length > 0 &&
    kinds.every((kind) => kind === 'input' || kind === 'output')
    ? { ...cost, total: sum(Object.values(cost)) }
    : cost;
}

/** Undefined for broken JSON: then other conventions are looked at. */
function sentUsage(sent: AttributeValue): Details | undefined {
  if (typeof sent !== 'string') {
    return {};
  }
  const parsed = parseJson(sent);
  if (parsed === undefined) {
    return undefined;
  }
  if (!isObject(parsed) || Array.isArray(parsed)) {
    return {};
  }
  return (
    openAiUsage(parsed, 'prompt_tokens', 'completion_tokens') ??
    openAiUsage(parsed, 'input_tokens', 'output_tokens') ??
    wholeCounts(parsed)
  );
}

/**
 * OpenAI's own usage object. The details are parts of input and output there;
 * Langfuse counts each token once, so they are taken out.
 */
function openAiUsage(
  usage: JsonObject,
  inputKey: string,
  outputKey: string,
): Details | undefined {
  const numbers = [inputKey, outputKey, 'total_tokens'];
  const details = [`${inputKey}_details`, `${outputKey}_details`];
  const strict =
    numbers.every((key) => isCount(usage[key])) &&
    Object.keys(usage).every(
      (key) => numbers.includes(key) || details.includes(key),
    ) &&
    details.every((key) => isDetailObject(usage[key]));
  if (!strict) {
    return undefined;
  }
  const result: Record<string, number> = { total: Number(usage.total_tokens) };
  for (const [side, key] of [
    ['input', inputKey],
    ['output', outputKey],
  ] as const) {
    let rest = Number(usage[key]);
    for (const [kind, count] of Object.entries(usage[`${key}_details`] ?? {})) {
      if (isCount(count)) {
        result[`${side}_${kind}`] = count;
        rest -= count;
      }
    }
    result[side] = Math.max(rest, 0);
  }
  return result;
}

function isDetailObject(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    (isObject(value) &&
      !Array.isArray(value) &&
      Object.values(value).every((count) => count === null || isCount(count)))
  );
}

/** Keeps whole numbers from 0, also as text; everything else vanishes. */
function wholeCounts(usage: JsonObject): Details {
  return Object.fromEntries(
    Object.entries(usage)
      .map(([kind, value]): [string, unknown] => [
        kind,
        typeof value === 'string' ? Number.parseInt(value, 10) : value,
      ])
      .filter((entry): entry is [string, number] => isCount(entry[1])),
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function genAiUsage(attributes: Attributes): Details {
  const usage: Record<string, number> = {};
  for (const [kind, keys] of Object.entries(GEN_AI_USAGE)) {
    const value = firstTruthy(attributes, ...keys);
    if (value !== null && isCount(Number(value))) {
      usage[kind] = Number(value);
    }
  }
  for (const [part, side] of [
    ['input_cached_tokens', 'input'],
    ['input_cache_creation', 'input'],
    ['output_reasoning_tokens', 'output'],
  ] as const) {
    const whole = usage[side];
    if (whole !== undefined) {
      usage[side] = Math.max(whole - (usage[part] ?? 0), 0);
    }
  }
  return usage;
}

/** Costs must be JSON numbers: the server stores anything else as 0. */
function sentCost(attributes: Attributes): Details | undefined {
  const sent = firstTruthy(attributes, 'langfuse.observation.cost_details');
  const parsed = parseJson(asText(sent) ?? '');
  if (parsed === undefined) {
    return undefined;
  }
  if (!isObject(parsed) || Array.isArray(parsed)) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(parsed).map(([kind, value]) => [kind, dollars(value)]),
  );
}

function genAiCost(attributes: Attributes): Details {
  const total = firstTruthy(attributes, 'gen_ai.usage.cost', 'llm.cost.total');
  return total === null ? {} : { total: dollars(total) };
}

function dollars(value: unknown): number {
  return typeof value === 'number'
    ? Math.min(Math.max(value, -MAX_COST), MAX_COST)
    : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
