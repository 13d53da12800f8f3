/**
 * The span attributes that a Langfuse server reads, and the words that it
 * knows. Values are strings unless said otherwise.
 *
 * @see https://langfuse.com/integrations/native/opentelemetry#property-mapping
 */
export const LangfuseAttribute = {
  // Of the trace; on every span, since the server inherits nothing.
  traceName: 'langfuse.trace.name',
  userId: 'user.id',
  sessionId: 'session.id',
  /** List of strings; an empty one would become a junk tag. */
  traceTags: 'langfuse.trace.tags',
  /** With `.<key>` appended: one entry. */
  traceMetadata: 'langfuse.trace.metadata',
  /** Boolean. */
  tracePublic: 'langfuse.trace.public',
  version: 'langfuse.version',
  release: 'langfuse.release',
  environment: 'langfuse.environment',

  // Of the observation.
  /** One of {@link OBSERVATION_TYPES}. */
  observationType: 'langfuse.observation.type',
  /** One of {@link OBSERVATION_LEVELS}. */
  observationLevel: 'langfuse.observation.level',
  observationStatusMessage: 'langfuse.observation.status_message',
  /** Text, or JSON text. */
  observationInput: 'langfuse.observation.input',
  /** Text, or JSON text. */
  observationOutput: 'langfuse.observation.output',
  /** With `.<key>` appended: one entry. */
  observationMetadata: 'langfuse.observation.metadata',
  /** Boolean: the parent is not in Langfuse, so this is where the trace begins. */
  isAppRoot: 'langfuse.internal.is_app_root',

  // Of a call to a model.
  model: 'langfuse.observation.model.name',
  /** JSON text of an object. */
  modelParameters: 'langfuse.observation.model.parameters',
  /** ISO 8601 with a time zone. */
  completionStartTime: 'langfuse.observation.completion_start_time',
  /** JSON text, see `usageDetails()`. */
  usageDetails: 'langfuse.observation.usage_details',
  /** JSON text, see `costDetails()`. */
  costDetails: 'langfuse.observation.cost_details',
  promptName: 'langfuse.observation.prompt.name',
  /** Integer. */
  promptVersion: 'langfuse.observation.prompt.version',
} as const;

/**
 * Lower case, as the server compares them: it takes any other spelling for
 * `span`.
 */
export const OBSERVATION_TYPES = [
  'span',
  'generation',
  'event',
  'embedding',
  'agent',
  'tool',
  'chain',
  'retriever',
  'evaluator',
  'guardrail',
] as const;

/**
 * The kinds of observations.
 *
 * @see https://langfuse.com/docs/observability/features/observation-types
 * @publicApi
 */
export type ObservationType = (typeof OBSERVATION_TYPES)[number];

/** From the least to the most important. */
export const OBSERVATION_LEVELS = [
  'DEBUG',
  'DEFAULT',
  'WARNING',
  'ERROR',
] as const;

/** How much an observation matters. @publicApi */
export type ObservationLevel = (typeof OBSERVATION_LEVELS)[number];

/**
 * Name of our instrumentation scope. With any other beginning the server copies
 * every attribute into the metadata once more.
 */
export const SCOPE_NAME = 'langfuse-sdk/nestjs-langfuse';
