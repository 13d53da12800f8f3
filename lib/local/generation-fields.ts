/** Model, prompt and times of a generation. */
import { isObject, parseJson } from './json.js';
import type { LocalObservation, LocalObservationType } from './records.js';
import {
  asText,
  firstPresent,
  firstTruthy,
  type Attributes,
} from './span-attributes.js';

const MAX_PROMPT_VERSION = 65_535;

/** Older SDKs send the time with JSON quotes around it. */
export function completionStartTime(attributes: Attributes): string | null {
  const sent = attributes.get('langfuse.observation.completion_start_time');
  if (typeof sent !== 'string') {
    return null;
  }
  const unquoted = parseJson(sent);
  const time = new Date(typeof unquoted === 'string' ? unquoted : sent);
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
): LocalObservation['modelParameters'] {
  for (const key of [
    'langfuse.observation.model.parameters',
    'llm.invocation_parameters',
    'model_config',
  ]) {
    const parsed = parseJson(asText(attributes.get(key) ?? null) ?? '');
    if (isObject(parsed)) {
      return scalars(Object.entries(parsed));
    }
  }
  const prefix = 'gen_ai.request.';
  return scalars(
    [...attributes]
      .filter(([key]) => key.startsWith(prefix) && key !== `${prefix}model`)
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
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
  const version = firstPresent(
    attributes,
    'langfuse.observation.prompt.version',
    'langfuse.prompt.version',
  );
  return {
    promptName: asText(
      firstPresent(
        attributes,
        'langfuse.observation.prompt.name',
        'langfuse.prompt.name',
      ),
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
