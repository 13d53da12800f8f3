/**
 * What the Langfuse server makes of a span on its direct (v4) path: which
 * attribute feeds which field, what is coerced and what vanishes. Of the
 * conventions of other SDKs, the plain `gen_ai.*` and OpenInference keys and
 * those of the Vercel AI SDK are read; message lists spread over many attributes or events are not.
 *
 * Source: the server's OtelIngestionProcessor and
 * https://langfuse.com/integrations/native/opentelemetry
 */
import { aiSdkInputAndOutput, aiSdkName, isAiSdk } from './ai-sdk.js';
import {
  completionStartTime,
  modelName,
  modelParameters,
  prompt,
} from './generation-fields.js';
import { observationMetadata } from './metadata.js';
import { observationType } from './observation-type.js';
import type { OtlpSpan } from './otlp-export.js';
import type { LocalObservation, LocalObservationLevel } from './records.js';
import {
  asFlag,
  asText,
  firstPresent,
  firstTruthy,
  type Attributes,
} from './span-attributes.js';
import { traceContext } from './trace-context.js';
import { costDetails, usageDetails } from './usage-and-cost.js';

/** What the spans of one request share. */
export interface Ingestion {
  readonly sdkName: string;
  readonly sdkVersion: string;
  /** When the request arrived. */
  readonly receivedAt: Date;
}

const LEVELS: ReadonlyMap<string, LocalObservationLevel> = new Map([
  ['debug', 'DEBUG'],
  ['trace', 'DEBUG'],
  ['verbose', 'DEBUG'],
  ['default', 'DEFAULT'],
  ['info', 'DEFAULT'],
  ['log', 'DEFAULT'],
  ['notice', 'DEFAULT'],
  ['ok', 'DEFAULT'],
  ['success', 'DEFAULT'],
  ['warning', 'WARNING'],
  ['warn', 'WARNING'],
  ['error', 'ERROR'],
  ['fatal', 'ERROR'],
  ['critical', 'ERROR'],
]);

/** An input key and an output key that belong together. */
const OWN_INPUT_OUTPUT = [
  'langfuse.observation.input',
  'langfuse.observation.output',
] as const;

/** Of other conventions, by precedence. */
const INPUT_OUTPUT_PAIRS = [
  ['gen_ai.input.messages', 'gen_ai.output.messages'],
  ['gen_ai.tool.call.arguments', 'gen_ai.tool.call.result'],
  ['input.value', 'output.value'],
] as const;

/** `gen_ai.*` numbers of an agent's span repeat those of its generations. */
const AGENT_OPERATIONS = new Set<unknown>(['invoke_agent', 'agent_step']);

export function spanToObservation(
  span: OtlpSpan,
  { sdkName, sdkVersion, receivedAt }: Ingestion,
): LocalObservation {
  const { attributes, resource, scope, status } = span;
  const type = observationType(attributes);
  const createdAt = receivedAt.toISOString();
  const genAi = !AGENT_OPERATIONS.has(attributes.get('gen_ai.operation.name'));
  return {
    id: span.spanId,
    traceId: span.traceId,
    parentObservationId: span.parentSpanId,
    isRootObservation:
      span.parentSpanId === null ||
      asFlag(firstPresent(attributes, 'langfuse.internal.is_app_root')),
    type,
    name: observationName(span, attributes),
    startTime: span.startTime ?? createdAt,
    endTime: span.endTime ?? createdAt,
    completionStartTime: completionStartTime(attributes, span.startTime),
    level: level(attributes) ?? (status.isError ? 'ERROR' : 'DEFAULT'),
    statusMessage:
      asText(firstPresent(attributes, 'langfuse.observation.status_message')) ??
      status.message,
    ...inputAndOutput(span),
    metadata: observationMetadata(attributes, resource, scope),
    providedModelName: modelName(attributes, genAi),
    modelParameters: modelParameters(attributes, scope),
    usageDetails: usageDetails(attributes, genAi, scope),
    costDetails: costDetails(attributes, genAi),
    ...prompt(attributes, type),
    ...traceContext(attributes, resource),
    ingestionSdkName: sdkName,
    ingestionSdkVersion: sdkVersion,
    createdAt,
  };
}

function observationName(span: OtlpSpan, attributes: Attributes): string {
  const override = firstTruthy(
    attributes,
    'gen_ai.tool.name',
    'genkit:name',
    'logfire.msg',
  );
  return asText(override) ?? aiSdkName(attributes) ?? span.name;
}

function level(attributes: Attributes): LocalObservationLevel | undefined {
  const sent = attributes.get('langfuse.observation.level');
  return typeof sent === 'string' ? LEVELS.get(sent.toLowerCase()) : undefined;
}

/** One convention feeds both: either of its keys shuts the later ones out. */
function inputAndOutput({
  attributes,
  scope,
}: Pick<OtlpSpan, 'attributes' | 'scope'>): Pick<
  LocalObservation,
  'input' | 'output'
> {
  const own = pairOf(attributes, OWN_INPUT_OUTPUT);
  if (own) {
    return own;
  }
  if (isAiSdk(scope)) {
    return aiSdkInputAndOutput(attributes);
  }
  for (const keys of INPUT_OUTPUT_PAIRS) {
    const pair = pairOf(attributes, keys);
    if (pair) {
      return pair;
    }
  }
  return { input: null, output: null };
}

function pairOf(
  attributes: Attributes,
  [inputKey, outputKey]: readonly [string, string],
): Pick<LocalObservation, 'input' | 'output'> | undefined {
  const input = firstPresent(attributes, inputKey);
  const output = firstPresent(attributes, outputKey);
  return input === null && output === null
    ? undefined
    : { input: asText(input), output: asText(output) };
}
