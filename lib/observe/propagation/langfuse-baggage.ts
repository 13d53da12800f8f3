/**
 * User, session and the like as baggage, under the names that Langfuse's own
 * SDKs write and read.
 *
 * @see https://github.com/langfuse/langfuse-js/blob/main/packages/core/src/propagation.ts
 */
import {
  LangfuseAttribute,
  type WireAttributes,
  type WireAttributeValue,
} from '../../wire/index.js';
import type { PropagatedAttributes } from '../propagated-attributes.js';

/** Between tags, which therefore cannot hold one. */
const TAG_SEPARATOR = ',';

const METADATA = 'langfuse_metadata_';

const TEXTS = [
  ['langfuse_user_id', 'userId', LangfuseAttribute.userId],
  ['langfuse_session_id', 'sessionId', LangfuseAttribute.sessionId],
  ['langfuse_trace_name', 'traceName', LangfuseAttribute.traceName],
  ['langfuse_version', 'version', LangfuseAttribute.version],
  ['langfuse_environment', 'environment', LangfuseAttribute.environment],
] as const;

const TAGS = 'langfuse_tags';

const PROMPT_NAME = 'langfuse_prompt_name';
const PROMPT_VERSION = 'langfuse_prompt_version';

/** The entries for the attributes of a trace. */
export function* toBaggage(
  attributes: WireAttributes,
): Iterable<readonly [string, string]> {
  for (const [key, , attribute] of TEXTS) {
    const value = attributes.get(attribute);
    if (typeof value === 'string') yield [key, value];
  }
  const tags = attributes.get(LangfuseAttribute.traceTags);
  if (isList(tags)) yield [TAGS, tags.join(TAG_SEPARATOR)];
  const promptName = attributes.get(LangfuseAttribute.promptName);
  const promptVersion = attributes.get(LangfuseAttribute.promptVersion);
  if (typeof promptName === 'string' && promptVersion !== undefined) {
    yield [PROMPT_NAME, promptName];
    yield [PROMPT_VERSION, String(promptVersion)];
  }
  const prefix = `${LangfuseAttribute.traceMetadata}.`;
  for (const [attribute, value] of attributes) {
    if (!attribute.startsWith(prefix) || typeof value !== 'string') continue;
    yield [METADATA + attribute.slice(prefix.length), value];
  }
}

/** What the entries say, unchecked. */
export function fromBaggage(
  entries: ReadonlyMap<string, string>,
): PropagatedAttributes {
  const texts = TEXTS.map(([key, name]) => [name, entries.get(key)] as const);
  const metadata = [...entries]
    .filter(([key]) => key.startsWith(METADATA))
    .map(([key, value]) => [key.slice(METADATA.length), value] as const);
  const tags = entries.get(TAGS)?.split(TAG_SEPARATOR);
  return {
    ...Object.fromEntries(texts.filter(([, value]) => value !== undefined)),
    ...(tags ? { tags } : {}),
    ...promptIn(entries),
    metadata: Object.fromEntries(metadata),
  };
}

function promptIn(
  entries: ReadonlyMap<string, string>,
): Pick<PropagatedAttributes, 'prompt'> {
  const name = entries.get(PROMPT_NAME);
  if (name === undefined) return {};
  const version = entries.get(PROMPT_VERSION) || undefined;
  return { prompt: { name, version: Number(version) } };
}

function isList(
  value: WireAttributeValue | undefined,
): value is readonly string[] {
  return Array.isArray(value) && value.length > 0;
}
