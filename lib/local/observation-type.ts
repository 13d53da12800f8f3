/** Which of the ten types the server gives a span. */
import { aiSdkType } from './ai-sdk.js';
import type { LocalObservationType } from './records.js';
import { firstTruthy, type Attributes } from './span-attributes.js';

type Types = ReadonlyMap<unknown, LocalObservationType>;

/** Case-sensitive: the server takes `GENERATION` for an unknown type. */
const LANGFUSE_TYPES: Types = new Map([
  ['span', 'SPAN'],
  ['generation', 'GENERATION'],
  ['event', 'EVENT'],
  ['embedding', 'EMBEDDING'],
  ['agent', 'AGENT'],
  ['tool', 'TOOL'],
  ['chain', 'CHAIN'],
  ['retriever', 'RETRIEVER'],
  ['guardrail', 'GUARDRAIL'],
  ['evaluator', 'EVALUATOR'],
]);

const OPEN_INFERENCE_KINDS: Types = new Map([
  ['LLM', 'GENERATION'],
  ['CHAIN', 'CHAIN'],
  ['RETRIEVER', 'RETRIEVER'],
  ['EMBEDDING', 'EMBEDDING'],
  ['AGENT', 'AGENT'],
  ['TOOL', 'TOOL'],
  ['GUARDRAIL', 'GUARDRAIL'],
  ['EVALUATOR', 'EVALUATOR'],
]);

const GEN_AI_OPERATIONS: Types = new Map([
  ['chat', 'GENERATION'],
  ['completion', 'GENERATION'],
  ['text_completion', 'GENERATION'],
  ['generate_content', 'GENERATION'],
  ['generate', 'GENERATION'],
  ['embeddings', 'EMBEDDING'],
  ['invoke_agent', 'AGENT'],
  ['create_agent', 'AGENT'],
  ['execute_tool', 'TOOL'],
]);

const MODEL_KEYS = [
  'langfuse.observation.model.name',
  'gen_ai.request.model',
  'gen_ai.response.model',
  'llm.model_name',
  'model',
];

/**
 * A type that is not known is no error: the next rule decides. Of the
 * conventions of other SDKs, `gen_ai.*`, OpenInference and the Vercel AI SDK are
 * known here.
 */
export function observationType(attributes: Attributes): LocalObservationType {
  return (
    LANGFUSE_TYPES.get(attributes.get('langfuse.observation.type')) ??
    OPEN_INFERENCE_KINDS.get(attributes.get('openinference.span.kind')) ??
    GEN_AI_OPERATIONS.get(attributes.get('gen_ai.operation.name')) ??
    aiSdkType(attributes) ??
    (firstTruthy(attributes, 'gen_ai.tool.name', 'gen_ai.tool.call.id') !== null
      ? 'TOOL'
      : firstTruthy(attributes, ...MODEL_KEYS) !== null
        ? 'GENERATION'
        : 'SPAN')
  );
}
