/**
 * Token usage as the Langfuse server reads it from spans of the Vercel AI SDK.
 *
 * Source: the server's OtelIngestionProcessor.
 */
import { member, parseJson } from './json.js';
import { asText, firstSent, type Attributes } from './span-attributes.js';

/**
 * Counts by kind. Cached and reasoning tokens are taken out of input and output.
 * Undefined for broken JSON: then `gen_ai.*` is looked at.
 */
export function aiSdkUsage(
  attributes: Attributes,
): Record<string, number> | undefined {
  const provider = attributes.get('ai.response.providerMetadata');
  const metadata = provider ? parseJson(asText(provider) ?? '') : {};
  if (metadata === undefined) {
    return undefined;
  }
  const openai = member(metadata, 'openai');
  const anthropic = member(member(metadata, 'anthropic'), 'usage');
  const bedrock = member(member(metadata, 'bedrock'), 'usage');
  const parts = counts({
    input_cached_tokens:
      attributes.get('ai.usage.cachedInputTokens') ??
      member(openai, 'cachedPromptTokens') ??
      member(anthropic, 'cache_read_input_tokens'),
    output_reasoning_tokens:
      attributes.get('ai.usage.reasoningTokens') ??
      member(openai, 'reasoningTokens'),
    accepted_prediction_tokens: member(openai, 'acceptedPredictionTokens'),
    rejected_prediction_tokens: member(openai, 'rejectedPredictionTokens'),
    input_cache_creation:
      member(anthropic, 'cache_creation_input_tokens') ??
      member(bedrock, 'cacheCreationInputTokens'),
    input_cache_read: member(bedrock, 'cacheReadInputTokens'),
    input_cache_write: member(bedrock, 'cacheWriteInputTokens'),
    total: attributes.get('ai.usage.tokens'),
  });
  const whole = (...keys: string[]) =>
    Number.parseInt(String(firstSent(attributes, keys) ?? 0), 10) || 0;
  const less = (total: number, ...names: string[]) =>
    names.reduce((rest, name) => rest - (parts[name] ?? 0), total);
  const input = less(
    whole('gen_ai.usage.prompt_tokens', 'gen_ai.usage.input_tokens'),
    'input_cached_tokens',
    'input_cache_creation',
    'input_cache_read',
  );
  const out = less(
    whole('gen_ai.usage.completion_tokens', 'gen_ai.usage.output_tokens'),
    'output_reasoning_tokens',
  );
  return { input: Math.max(input, 0), output: Math.max(out, 0), ...parts };
}

function counts(given: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(given)
      .map(([kind, value]) => [kind, Number(value ?? Number.NaN)] as const)
      .filter(([, value]) => Number.isInteger(value) && value >= 0),
  );
}
