/**
 * What a span says about its trace: v4 inherits nothing, so every span carries
 * it, and each observation keeps its own copy.
 */
import { normalizeEnvironment } from './environment.js';
import { parseJson } from './json.js';
import type { LocalObservation } from './records.js';
import {
  asFlag,
  asText,
  firstPresent,
  firstTruthy,
  type Attributes,
} from './span-attributes.js';

export function traceContext(
  attributes: Attributes,
  resource: Attributes,
): Pick<
  LocalObservation,
  | 'traceName'
  | 'userId'
  | 'sessionId'
  | 'tags'
  | 'public'
  | 'environment'
  | 'version'
  | 'release'
> {
  return {
    traceName: asText(firstPresent(attributes, 'langfuse.trace.name')),
    userId: asText(
      firstTruthy(
        attributes,
        'langfuse.user.id',
        'user.id',
        'langfuse.observation.metadata.langfuse_user_id',
        'langfuse.trace.metadata.langfuse_user_id',
        'ai.telemetry.metadata.userId',
      ),
    ),
    sessionId: asText(
      firstTruthy(
        attributes,
        'langfuse.session.id',
        'session.id',
        'gen_ai.conversation.id',
        'langfuse.observation.metadata.langfuse_session_id',
        'langfuse.trace.metadata.langfuse_session_id',
        'ai.telemetry.metadata.sessionId',
      ),
    ),
    tags: tags(attributes),
    public: asFlag(
      firstPresent(attributes, 'langfuse.trace.public', 'langfuse.public'),
    ),
    environment: environment(attributes, resource),
    version: asText(
      firstPresent(attributes, 'langfuse.version') ??
        firstPresent(resource, 'service.version'),
    ),
    release: asText(
      firstPresent(attributes, 'langfuse.release') ??
        firstPresent(resource, 'langfuse.release'),
    ),
  };
}

function environment(attributes: Attributes, resource: Attributes): string {
  for (const key of [
    'langfuse.environment',
    'deployment.environment.name',
    'deployment.environment',
  ]) {
    const value = attributes.get(key) || resource.get(key);
    if (value) {
      return normalizeEnvironment(value);
    }
  }
  return normalizeEnvironment(undefined);
}

/** A string is a JSON list, a list with commas or one single tag. */
function tags(attributes: Attributes): string[] {
  const sent = firstTruthy(
    attributes,
    'langfuse.trace.tags',
    'langfuse.tags',
    'langfuse.observation.metadata.langfuse_tags',
    'langfuse.trace.metadata.langfuse_tags',
    'ai.telemetry.metadata.tags',
    'tag.tags',
  );
  if (Array.isArray(sent)) {
    return sent.map(String);
  }
  if (typeof sent !== 'string') {
    return [];
  }
  const parsed = parseJson(sent);
  if (Array.isArray(parsed)) {
    return parsed.map(String);
  }
  return sent.includes(',') ? sent.split(',').map((tag) => tag.trim()) : [sent];
}
