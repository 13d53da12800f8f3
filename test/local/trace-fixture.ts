/** Traces for the renderer, without a server around them. */
import type {
  LocalObservation,
  LocalScore,
  LocalTrace,
} from '../../lib/local/index.js';
import { START_MS, TRACE_ID } from './export-request.js';

/** Times in milliseconds after the start of the trace. */
export interface ObservationInput extends Partial<LocalObservation> {
  readonly from?: number;
  readonly to?: number;
}

export function observation({
  from = 0,
  to = from,
  ...fields
}: ObservationInput): LocalObservation {
  const parentObservationId = fields.parentObservationId ?? null;
  return {
    id: 'root',
    traceId: TRACE_ID,
    parentObservationId,
    isRootObservation: parentObservationId === null,
    type: 'SPAN',
    name: 'name',
    startTime: iso(from),
    endTime: iso(to),
    completionStartTime: null,
    level: 'DEFAULT',
    statusMessage: null,
    input: null,
    output: null,
    metadata: {},
    providedModelName: null,
    modelParameters: {},
    usageDetails: {},
    costDetails: {},
    promptName: null,
    promptVersion: null,
    traceName: null,
    userId: null,
    sessionId: null,
    tags: [],
    public: false,
    environment: 'default',
    version: null,
    release: null,
    ingestionSdkName: 'unknown',
    ingestionSdkVersion: 'unknown',
    createdAt: iso(0),
    ...fields,
  };
}

export function score(
  fields: Partial<Omit<LocalScore, 'dataType' | 'value'>> &
    Pick<LocalScore, 'dataType' | 'value'>,
): LocalScore {
  return {
    id: 'score',
    name: 'quality',
    source: 'API',
    timestamp: iso(0),
    environment: 'default',
    traceId: TRACE_ID,
    observationId: null,
    sessionId: null,
    datasetRunId: null,
    comment: null,
    configId: null,
    queueId: null,
    metadata: {},
    createdAt: iso(0),
    updatedAt: iso(0),
    ...fields,
  } as LocalScore;
}

export function traceOf(
  observations: readonly LocalObservation[],
  fields: Partial<LocalTrace> = {},
): LocalTrace {
  const root = observations.find(({ isRootObservation }) => isRootObservation);
  return {
    id: TRACE_ID,
    name: root?.name ?? null,
    userId: null,
    sessionId: null,
    tags: [],
    environment: 'default',
    version: null,
    release: null,
    root,
    observations,
    scores: [],
    ...fields,
  };
}

function iso(afterStart: number): string {
  return new Date(START_MS + afterStart).toISOString();
}
