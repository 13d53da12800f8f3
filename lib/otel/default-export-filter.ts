/**
 * Which spans of other libraries belong into Langfuse when nobody says: those
 * about language models. The rules are those of `@langfuse/otel`.
 *
 * @see https://langfuse.com/docs/observability/sdk/typescript/advanced-usage
 */
import type { ReadableSpan } from '../observe/index.js';
import { SCOPE_NAME } from '../wire/index.js';

/** Name of the instrumentation scope of Langfuse's own SDKs. */
const LANGFUSE_SCOPE = 'langfuse-sdk';

/** Scopes of libraries that instrument language models, and what lies below. */
const LLM_SCOPES = [
  LANGFUSE_SCOPE,
  'agent_framework',
  'haystack',
  'langsmith',
  'litellm',
  'openinference',
  'opentelemetry.instrumentation.anthropic',
  'opentelemetry.instrumentation.aws_bedrock',
  'opentelemetry.instrumentation.bedrock',
  'opentelemetry.instrumentation.gemini',
  'opentelemetry.instrumentation.google_genai',
  'opentelemetry.instrumentation.google_generativeai',
  'opentelemetry.instrumentation.openai',
  'opentelemetry.instrumentation.openai_v2',
  'opentelemetry.instrumentation.vertex_ai',
  'opentelemetry.instrumentation.vertexai',
  'strands-agents',
  'vllm',
] as const;

/** The Vercel AI SDK; too short a name to stand for what lies below it. */
const AI_SDK_SCOPE = 'ai';

/** Of OpenTelemetry's semantic conventions for generative AI. */
const GEN_AI_PREFIX = 'gen_ai.';

/** The part of a span by which it is chosen. @publicApi */
export type FilteredSpan = Pick<
  ReadableSpan,
  'attributes' | 'instrumentationScope'
>;

/**
 * Whether a span is one of Langfuse's SDKs, has a `gen_ai.*` attribute, or comes
 * from a library that is known to instrument language models: the filter of
 * `LangfuseSpanProcessor` unless `shouldExportSpan` is given, for use in it.
 *
 * @publicApi
 */
export function isDefaultExportSpan(span: FilteredSpan): boolean {
  return isOfLlmScope(span.instrumentationScope.name) || hasGenAi(span);
}

function isOfLlmScope(name: string): boolean {
  return (
    name === AI_SDK_SCOPE ||
    name === SCOPE_NAME ||
    LLM_SCOPES.some((scope) => name === scope || name.startsWith(`${scope}.`))
  );
}

function hasGenAi({ attributes }: FilteredSpan): boolean {
  return Object.keys(attributes).some((key) => key.startsWith(GEN_AI_PREFIX));
}
