/**
 * What a context of OpenTelemetry holds that is ours or Langfuse's: a span of
 * ours that somebody made active there, and what `propagateAttributes()` of
 * `@langfuse/tracing` put there.
 */
import {
  type Context,
  createContextKey,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import {
  LangfuseAttribute,
  type WireAttributes,
  type WireAttributeValue,
} from '../wire/index.js';
import { OwnSpanContext } from './own-span-context.js';
import type { RecordingSpan } from './recording-span.js';

/** The active span of `context`, when it is one of ours. */
export function ownSpanIn(context: Context): RecordingSpan | undefined {
  if (context === ROOT_CONTEXT) return undefined;
  const found = trace.getSpanContext(context);
  return found && OwnSpanContext.spanOf(found);
}

/** The observation below which all of an experiment's item is recorded. */
const EXPERIMENT_ROOT = 'langfuse.experiment.item.root_observation_id';

/** Where the server keeps what experiments of Langfuse's SDKs record. */
const EXPERIMENT_ENVIRONMENT = 'sdk-experiment';

/**
 * Their keys are made by `createContextKey()`, which gives the same symbol for
 * the same text in every copy of every package.
 *
 * @see https://github.com/langfuse/langfuse-js/blob/main/packages/core/src/propagation.ts
 */
const PROPAGATED = [
  ['langfuse_user_id', LangfuseAttribute.userId],
  ['langfuse_session_id', LangfuseAttribute.sessionId],
  ['langfuse_trace_name', LangfuseAttribute.traceName],
  ['langfuse_version', LangfuseAttribute.version],
  ['langfuse_environment', LangfuseAttribute.environment],
  ['langfuse_tags', LangfuseAttribute.traceTags],
  ['langfuse_prompt_name', LangfuseAttribute.promptName],
  ['langfuse_prompt_version', LangfuseAttribute.promptVersion],
  // Of runExperiment() of `@langfuse/client`.
  ['langfuse_experiment_id', 'langfuse.experiment.id'],
  ['langfuse_experiment_name', 'langfuse.experiment.name'],
  ['langfuse_experiment_metadata', 'langfuse.experiment.metadata'],
  ['langfuse_experiment_dataset_id', 'langfuse.experiment.dataset.id'],
  ['langfuse_experiment_item_id', 'langfuse.experiment.item.id'],
  ['langfuse_experiment_item_metadata', 'langfuse.experiment.item.metadata'],
  ['langfuse_experiment_item_root_observation_id', EXPERIMENT_ROOT],
].map(([name, attribute]) => [createContextKey(name!), attribute!] as const);

const METADATA = createContextKey('langfuse_metadata');

const NONE: WireAttributes = new Map();

/** A context never changes, and is asked once for each span within it. */
const known = new WeakMap<Context, WireAttributes>();

/** What the spans that start in `context` are to carry. */
export function propagatedIn(context: Context): WireAttributes {
  if (context === ROOT_CONTEXT) return NONE;
  let attributes = known.get(context);
  if (attributes === undefined)
    known.set(context, (attributes = read(context)));
  return attributes;
}

function read(context: Context): WireAttributes {
  const attributes = new Map<string, WireAttributeValue>();
  for (const [key, attribute] of PROPAGATED) {
    const value = context.getValue(key);
    if (isPropagated(value)) attributes.set(attribute, value);
  }
  const metadata = context.getValue(METADATA);
  if (typeof metadata === 'object' && metadata !== null) {
    for (const [key, value] of Object.entries(metadata)) {
      if (typeof value !== 'string') continue;
      attributes.set(`${LangfuseAttribute.traceMetadata}.${key}`, value);
    }
  }
  if (attributes.has(EXPERIMENT_ROOT)) {
    attributes.set(LangfuseAttribute.environment, EXPERIMENT_ENVIRONMENT);
  }
  return attributes.size === 0 ? NONE : attributes;
}

/** Checked by who put it there; foreign all the same. */
function isPropagated(value: unknown): value is WireAttributeValue {
  return (
    typeof value === 'string' ||
    typeof value === 'number' ||
    (Array.isArray(value) && value.every((entry) => typeof entry === 'string'))
  );
}
