/**
 * The reading half of the API: health, projects, `v2/observations` and
 * `v3/scores`, with the server's page sizes and cursors.
 */
import type { Reply } from './http-exchange.js';
import type { JsonObject } from './json.js';
import type { LocalObservation, LocalScore } from './records.js';
import type { TraceStore } from './trace-store.js';

/** The Langfuse release whose behaviour this receiver reproduces. */
const SERVER_VERSION = '4.16.0';
const PROJECT_ID = 'local';
const MAX_METADATA_LENGTH = 200;

const OBSERVATION_FILTERS = [
  'traceId',
  'name',
  'type',
  'userId',
  'level',
  'parentObservationId',
  'environment',
  'version',
] as const;
const SCORE_FILTERS = [
  'traceId',
  'observationId',
  'sessionId',
  'id',
  'name',
  'dataType',
  'source',
  'environment',
] as const;

/** Fields by group; those of no group are always there. */
const FIELD_GROUPS: Readonly<Record<string, readonly string[]>> = {
  basic: [
    'name',
    'level',
    'statusMessage',
    'version',
    'environment',
    'public',
    'userId',
    'sessionId',
    'isRootObservation',
  ],
  time: ['completionStartTime', 'createdAt', 'updatedAt'],
  io: ['input', 'output'],
  metadata: ['metadata'],
  model: ['providedModelName', 'modelParameters'],
  usage: ['usageDetails', 'costDetails', 'totalCost'],
  prompt: ['promptName', 'promptVersion'],
  metrics: ['latency', 'timeToFirstToken'],
  trace_context: ['tags', 'release', 'traceName'],
};

export function health(): Reply {
  return { status: 200, body: { status: 'OK', version: SERVER_VERSION } };
}

export function projects(): Reply {
  return {
    status: 200,
    body: {
      data: [
        {
          id: PROJECT_ID,
          name: 'local receiver',
          organization: { id: PROJECT_ID, name: 'nestjs-langfuse' },
          metadata: {},
        },
      ],
    },
  };
}

/**
 * Newest first. Without the parameter `fields` every group is returned.
 */
export function listObservations(
  store: TraceStore,
  query: URLSearchParams,
): Reply {
  const observations = store
    .observations({})
    .filter((observation) =>
      OBSERVATION_FILTERS.every((key) =>
        accepts(query.getAll(key), observation[key]),
      ),
    )
    .toSorted((a, b) => b.startTime.localeCompare(a.startTime));
  const hidden = hiddenFields(query.get('fields'));
  const expanded = new Set(query.get('expandMetadata')?.split(','));
  return page(observations, query, { maximum: 1000, meta: {} }, (observation) =>
    Object.fromEntries(
      Object.entries(apiObservation(observation, expanded)).filter(
        ([field]) => !hidden.has(field),
      ),
    ),
  );
}

/** Newest first, each value in the type of its score. */
export function listScores(store: TraceStore, query: URLSearchParams): Reply {
  const scores = store
    .scores({})
    .filter((score) =>
      SCORE_FILTERS.every((key) =>
        accepts(query.get(key)?.split(',') ?? [], score[key]),
      ),
    )
    .toSorted((a, b) => b.timestamp.localeCompare(a.timestamp));
  return page(
    scores,
    query,
    { maximum: 100, meta: { limit: limitOf(query) } },
    apiScore,
  );
}

function apiObservation(
  observation: LocalObservation,
  expanded: ReadonlySet<string>,
): JsonObject {
  const { metadata, startTime, endTime, completionStartTime } = observation;
  return {
    ...observation,
    projectId: PROJECT_ID,
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [
        key,
        expanded.has(key) ? value : shortened(value),
      ]),
    ),
    totalCost: observation.costDetails.total ?? null,
    latency: seconds(startTime, endTime),
    timeToFirstToken:
      completionStartTime && seconds(startTime, completionStartTime),
    updatedAt: observation.createdAt,
  };
}

function shortened(value: unknown): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_METADATA_LENGTH
    ? text.slice(0, MAX_METADATA_LENGTH)
    : value;
}

function apiScore(score: LocalScore): JsonObject {
  const { traceId, observationId, sessionId, datasetRunId, ...rest } = score;
  return {
    ...rest,
    projectId: PROJECT_ID,
    subject: observationId
      ? { kind: 'observation', id: observationId, traceId }
      : traceId
        ? { kind: 'trace', id: traceId }
        : sessionId
          ? { kind: 'session', id: sessionId }
          : { kind: 'experiment', id: datasetRunId },
  };
}

function seconds(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

function hiddenFields(fields: string | null): ReadonlySet<string> {
  if (fields === null) {
    return new Set();
  }
  const shown = new Set(fields.split(',').map((field) => field.trim()));
  return new Set(
    Object.entries(FIELD_GROUPS)
      .filter(([group]) => !shown.has(group))
      .flatMap(([, names]) => names),
  );
}

function accepts(wanted: readonly string[], value: unknown): boolean {
  return wanted.length === 0 || wanted.includes(String(value ?? ''));
}

/** NaN when it is no whole number from 1. */
function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? 50);
  return Number.isInteger(limit) && limit >= 1 ? limit : Number.NaN;
}

function page<T>(
  records: readonly T[],
  query: URLSearchParams,
  { maximum, meta }: { readonly maximum: number; readonly meta: JsonObject },
  toJson: (record: T) => JsonObject,
): Reply {
  const limit = limitOf(query);
  const offset = Number(
    Buffer.from(query.get('cursor') ?? '', 'base64').toString(),
  );
  if (!(limit <= maximum) || !Number.isInteger(offset) || offset < 0) {
    return {
      status: 400,
      body: {
        message: 'Invalid request data',
        error: [`limit must be 1 to ${maximum}, and cursor one that was given`],
      },
    };
  }
  const end = offset + limit;
  const cursor =
    end < records.length
      ? { cursor: Buffer.from(String(end)).toString('base64') }
      : {};
  return {
    status: 200,
    body: {
      data: records.slice(offset, end).map(toJson),
      meta: { ...meta, ...cursor },
    },
  };
}
