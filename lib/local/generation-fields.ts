/** Model, prompt and times of a generation. */
import {
  aiSdkFirstChunkMs,
  aiSdkModelParameters,
  aiSdkPrompt,
  isAiSdk,
} from './ai-sdk.js';
import { isObject, parseJson, type JsonObject } from './json.js';
import type { Scope } from './metadata.js';
import type { LocalObservation, LocalObservationType } from './records.js';
import {
  asText,
  firstPresent,
  firstTruthy,
  type Attributes,
} from './span-attributes.js';

const MAX_PROMPT_VERSION = 65_535;

/** Older SDKs send the time with JSON quotes around it. */
export function completionStartTime(
  attributes: Attributes,
  startTime: string | undefined,
): string | null {
  const sent = attributes.get('langfuse.observation.completion_start_time');
  const unquoted = typeof sent === 'string' ? parseJson(sent) : undefined;
  const text = typeof unquoted === 'string' ? unquoted : sent;
  const own = typeof text === 'string' ? isoTime(new Date(text)) : null;
  const afterMs = aiSdkFirstChunkMs(attributes);
  return own !== null || afterMs === undefined || startTime === undefined
    ? own
    : isoTime(new Date(Date.parse(startTime) + afterMs));
}

function isoTime(time: Date): string | null {
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** @param genAi - Whether the keys of other conventions count. */
export function modelName(
  attributes: Attributes,
  genAi: boolean,
): string | null {
  const own = firstTruthy(attributes, 'langfuse.observation.model.name');
  return asText(
    own !== null || !genAi
      ? own
      : firstTruthy(
          attributes,
          'gen_ai.response.model',
          'ai.model.id',
          'gen_ai.request.model',
          'llm.response.model',
          'llm.model_name',
          'model',
        ),
  );
}

export function modelParameters(
  attributes: Attributes,
  scope: Scope,
): LocalObservation['modelParameters'] {
  const own = parsed(attributes, 'langfuse.observation.model.parameters');
  if (own) {
    return scalars(Object.entries(own));
  }
  if (isAiSdk(scope)) {
    return aiSdkModelParameters(attributes);
  }
  const other =
    parsed(attributes, 'llm.invocation_parameters') ??
    parsed(attributes, 'model_config');
  if (other) {
    return scalars(Object.entries(other));
  }
  const prefix = 'gen_ai.request.';
  return scalars(
    [...attributes]
      .filter(([key]) => key.startsWith(prefix) && key !== `${prefix}model`)
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

function parsed(attributes: Attributes, key: string): JsonObject | undefined {
  const value = parseJson(asText(attributes.get(key) ?? null) ?? '');
  return isObject(value) ? value : undefined;
}

function scalars(
  entries: readonly (readonly [string, unknown])[],
): Record<string, string | number> {
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      typeof value === 'string' || typeof value === 'number'
        ? value
        : JSON.stringify(value),
    ]),
  );
}

/** Only generations have a prompt, and its version is a small whole number. */
export function prompt(
  attributes: Attributes,
  type: LocalObservationType,
): Pick<LocalObservation, 'promptName' | 'promptVersion'> {
  if (type !== 'GENERATION') {
    return { promptName: null, promptVersion: null };
  }
  const given = aiSdkPrompt(attributes);
  const version =
    firstPresent(
      attributes,
      'langfuse.observation.prompt.version',
      'langfuse.prompt.version',
    ) ?? given.version;
  return {
    promptName: asText(
      firstPresent(
        attributes,
        'langfuse.observation.prompt.name',
        'langfuse.prompt.name',
      ) ?? given.name,
    ),
    promptVersion:
      typeof version === 'number' &&
      Number.isInteger(version) &&
      version >= 0 &&
      version <= MAX_PROMPT_VERSION
        ? version
        : null,
  };
}
