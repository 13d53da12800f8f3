/**
 * What the Langfuse server makes of a span on its direct (v4) path: which
 * attribute feeds which field, what is coerced and what vanishes. Of the
 * conventions of other SDKs, the plain `gen_ai.*` and OpenInference keys are
 * read; message lists spread over many attributes or events are not.
 *
 * Source: the server's OtelIngestionProcessor and
 * https://langfuse.com/integrations/native/opentelemetry
 */
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

/** An input key and an output key that belong together, by precedence. */
const INPUT_OUTPUT_PAIRS = [
  ['langfuse.observation.input', 'langfuse.observation.output'],
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
    completionStartTime: completionStartTime(attributes),
    level: level(attributes) ?? (status.isError ? 'ERROR' : 'DEFAULT'),
    statusMessage:
      asText(firstPresent(attributes, 'langfuse.observation.status_message')) ??
      status.message,
    ...inputAndOutput(attributes),
    metadata: observationMetadata(attributes, resource, scope),
    providedModelName: modelName(attributes, genAi),
    modelParameters: modelParameters(attributes),
    usageDetails: usageDetails(attributes, genAi),
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
    'ai.toolCall.name',
    'ai.operationId',
  );
  return asText(override) ?? span.name;
}

function level(attributes: Attributes): LocalObservationLevel | undefined {
  const sent = attributes.get('langfuse.observation.level');
  return typeof sent === 'string' ? LEVELS.get(sent.toLowerCase()) : undefined;
}

/** One convention feeds both: either of its keys shuts the later ones out. */
function inputAndOutput(
  attributes: Attributes,
): Pick<LocalObservation, 'input' | 'output'> {
  for (const [inputKey, outputKey] of INPUT_OUTPUT_PAIRS) {
    const input = firstPresent(attributes, inputKey);
    const output = firstPresent(attributes, outputKey);
    if (input !== null || output !== null) {
      return { input: asText(input), output: asText(output) };
    }
  }
  return { input: null, output: null };
}
