/**
 * What the Langfuse server reads from spans of the Vercel AI SDK. Most of it
 * counts only in spans of the instrumentation scope `ai`.
 *
 * Source: the server's OtelIngestionProcessor and ObservationTypeMapper.
 */
import { isObject, parseJson } from './json.js';
import type { LocalObservation, LocalObservationType } from './records.js';
import {
  asText,
  firstSent,
  firstTruthy,
  type Attributes,
  type AttributeValue,
} from './span-attributes.js';

type InputOutput = Pick<LocalObservation, 'input' | 'output'>;

const TELEMETRY_METADATA = 'ai.telemetry.metadata.';

/** Of the telemetry metadata: what is said of the trace and the prompt. */
const TELEMETRY_FIELDS = new Set(
  ['userId', 'sessionId', 'tags', 'langfusePrompt'].map(
    (name) => TELEMETRY_METADATA + name,
  ),
);

/** An operation's name can have the id of a function after it. */
const MODEL_CALLS: ReadonlyMap<string, LocalObservationType> = new Map([
  ['ai.generateText.doGenerate', 'GENERATION'],
  ['ai.streamText.doStream', 'GENERATION'],
  ['ai.generateObject.doGenerate', 'GENERATION'],
  ['ai.streamObject.doStream', 'GENERATION'],
  ['ai.embedMany.doEmbed', 'EMBEDDING'],
  ['ai.embed.doEmbed', 'EMBEDDING'],
]);

const TOOL_CALL = 'ai.toolCall';

const MODEL_KEYS = [
  'langfuse.observation.model.name',
  'ai.model.id',
  'gen_ai.request.model',
  'gen_ai.response.model',
];

/** The first one that is there counts, whatever its value is. */
const INPUT_KEYS = ['ai.prompt.messages', 'ai.prompt', 'ai.toolCall.args'];

const OUTPUT_KEYS = [
  'ai.result.text',
  'ai.toolCall.result',
  'ai.response.object',
  'ai.result.object',
  'ai.response.toolCalls',
  'ai.result.toolCalls',
];

/** All that input and output are read from. */
export const AI_SDK_INPUT_OUTPUT_KEYS = [
  ...INPUT_KEYS,
  'ai.response.text',
  ...OUTPUT_KEYS,
];

const MODEL_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  maxSteps: ['ai.settings.maxSteps'],
  toolChoice: ['ai.prompt.toolChoice'],
  maxTokens: ['gen_ai.request.max_tokens'],
  finishReason: ['gen_ai.response.finish_reasons', 'gen_ai.finishReason'],
  system: ['gen_ai.system', 'ai.model.provider'],
  maxRetries: ['ai.settings.maxRetries'],
  mode: ['ai.settings.mode'],
  temperature: ['gen_ai.request.temperature'],
};

export function isAiSdk(scope: { readonly name: string }): boolean {
  return scope.name === 'ai';
}

/** In spans of any scope; undefined for what is no operation of the SDK. */
export function aiSdkType(
  attributes: Attributes,
): LocalObservationType | undefined {
  for (const [operation, type] of MODEL_CALLS) {
    if (isOperation(attributes, operation)) {
      return firstTruthy(attributes, ...MODEL_KEYS) === null ? undefined : type;
    }
  }
  return isOperation(attributes, TOOL_CALL) ? 'TOOL' : undefined;
}

function isOperation(attributes: Attributes, operation: string): boolean {
  const name = attributes.get('operation.name');
  return (
    (typeof name === 'string' && name.startsWith(operation)) ||
    attributes.get('ai.operationId') === operation
  );
}

/** In spans of any scope. */
export function aiSdkName(attributes: Attributes): string | null {
  const tool = asText(firstTruthy(attributes, 'ai.toolCall.name'));
  const operation = asText(firstTruthy(attributes, 'ai.operationId'));
  if (tool !== null || operation === null) {
    return tool;
  }
  const functionId = asText(firstTruthy(attributes, 'ai.telemetry.functionId'));
  return functionId === null ? operation : `${functionId}:${operation}`;
}

export function aiSdkInputAndOutput(attributes: Attributes): InputOutput {
  return {
    input: asText(firstSent(attributes, INPUT_KEYS)),
    output: output(attributes),
  };
}

function output(attributes: Attributes): string | null {
  const text = attributes.get('ai.response.text');
  const toolCalls = attributes.get('ai.response.toolCalls');
  if (text !== undefined && toolCalls !== undefined) {
    const message = { role: 'assistant', content: text, tool_calls: toolCalls };
    return JSON.stringify(message);
  }
  return asText(text ? text : firstSent(attributes, OUTPUT_KEYS));
}

/** Those without a value, which the server has as null, are left out. */
export function aiSdkModelParameters(
  attributes: Attributes,
): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, keys] of Object.entries(MODEL_PARAMETERS)) {
    const value = firstSent(attributes, keys);
    if (value !== null) {
      parameters[name] = String(value);
    }
  }
  return parameters;
}

/** In spans of any scope: milliseconds from the start to the first chunk. */
export function aiSdkFirstChunkMs(attributes: Attributes): number | undefined {
  const sent = firstSent(attributes, [
    'ai.response.msToFirstChunk',
    'ai.stream.msToFirstChunk',
  ]);
  const ms = Math.ceil(Number(sent));
  return sent && Number.isFinite(ms) ? ms : undefined;
}

/** In spans of any scope: what the application said of the call. */
export function aiSdkMetadata(
  attributes: Attributes,
): (readonly [string, AttributeValue])[] {
  const tools = attributes.get('ai.prompt.tools');
  return [
    ...[...attributes]
      .filter(
        ([key]) =>
          key.startsWith(TELEMETRY_METADATA) && !TELEMETRY_FIELDS.has(key),
      )
      .map(
        ([key, value]) =>
          [key.slice(TELEMETRY_METADATA.length), value] as const,
      ),
    ...(tools ? [['tools', tools] as const] : []),
  ];
}

/** In spans of any scope: the prompt that the call was given as metadata. */
export function aiSdkPrompt(attributes: Attributes): {
  readonly name: AttributeValue;
  readonly version: AttributeValue;
} {
  const key = `${TELEMETRY_METADATA}langfusePrompt`;
  const prompt = parseJson(asText(attributes.get(key) ?? null) ?? '');
  const read = (name: string) =>
    (isObject(prompt) ? (prompt[name] ?? null) : null) as AttributeValue;
  return { name: read('name'), version: read('version') };
}
