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
import { observationMetadata, type Scope } from './metadata.js';
import { observationType } from './observation-type.js';
import type { OtlpSpan } from './otlp-messages.js';
import type { LocalObservation, LocalObservationLevel } from './records.js';
import {
  asFlag,
  asText,
  firstPresent,
  firstTruthy,
  toAttributes,
  type Attributes,
} from './span-attributes.js';
import { traceContext } from './trace-context.js';
import { costDetails, usageDetails } from './usage-and-cost.js';

/** What a span shares with the others of its request. */
export interface SpanOrigin {
  readonly resource: Attributes;
  readonly scope: Scope;
  readonly sdkName: string;
  readonly sdkVersion: string;
  /** When the request arrived. */
  readonly receivedAt: Date;
}

const STATUS_CODE_ERROR = 2;

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
  { resource, scope, sdkName, sdkVersion, receivedAt }: SpanOrigin,
): LocalObservation {
  const attributes = toAttributes(span.attributes);
  const type = observationType(attributes);
  const parentObservationId = hexId(span.parentSpanId);
  const genAi = !AGENT_OPERATIONS.has(attributes.get('gen_ai.operation.name'));
  return {
    id: hexId(span.spanId) ?? '',
    traceId: hexId(span.traceId) ?? '',
    parentObservationId,
    isRootObservation:
      parentObservationId === null ||
      asFlag(firstPresent(attributes, 'langfuse.internal.is_app_root')),
    type,
    name: observationName(span, attributes),
    ...times(span, receivedAt),
    completionStartTime: completionStartTime(attributes),
    level: level(attributes, span),
    statusMessage:
      asText(firstPresent(attributes, 'langfuse.observation.status_message')) ??
      span.status?.message ??
      null,
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
    createdAt: receivedAt.toISOString(),
  };
}

function hexId(id: Buffer | undefined): string | null {
  return id === undefined || id.length === 0 ? null : id.toString('hex');
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
  return asText(override) ?? span.name ?? '';
}

/** A missing edge is copied from the other one. */
function times(
  span: OtlpSpan,
  receivedAt: Date,
): Pick<LocalObservation, 'startTime' | 'endTime'> {
  const start = span.startTimeUnixNano ?? span.endTimeUnixNano;
  const end = span.endTimeUnixNano ?? span.startTimeUnixNano;
  return {
    startTime: isoTime(start, receivedAt),
    endTime: isoTime(end, receivedAt),
  };
}

function isoTime(unixNano: string | undefined, fallback: Date): string {
  if (unixNano === undefined) {
    return fallback.toISOString();
  }
  const time = new Date(Number(BigInt(unixNano) / 1_000_000n));
  return Number.isNaN(time.getTime())
    ? fallback.toISOString()
    : time.toISOString();
}

function level(attributes: Attributes, span: OtlpSpan): LocalObservationLevel {
  const sent = attributes.get('langfuse.observation.level');
  const known =
    typeof sent === 'string' ? LEVELS.get(sent.toLowerCase()) : undefined;
  return (
    known ?? (span.status?.code === STATUS_CODE_ERROR ? 'ERROR' : 'DEFAULT')
  );
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
