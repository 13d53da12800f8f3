/**
 * Observations and scores in memory, by what they belong to: a trace, a session
 * or a dataset run. Bounded by number and by size; the oldest go first.
 */
import type {
  LocalObservation,
  LocalRecordFilter,
  LocalScore,
  LocalTrace,
} from './records.js';
import { mergeScore, type ScoreWrite } from './score-create.js';

/** Bounds of the memory. */
export interface TraceStoreLimits {
  readonly maxTraces: number;
  readonly maxStoredBytes: number;
}

interface Entry {
  readonly observations: LocalObservation[];
  readonly sizes: number[];
  readonly occurrences: Set<string>;
  readonly scores: Map<string, LocalScore>;
  bytes: number;
}

export class TraceStore {
  traceCount = 0;
  observationCount = 0;
  scoreCount = 0;
  duplicateCount = 0;
  evictedTraceCount = 0;
  readonly #limits: TraceStoreLimits;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limits: TraceStoreLimits) {
    this.#limits = limits;
  }

  /** A repeated observation is kept as a second row, as the server does. */
  addObservation(observation: LocalObservation, bytes: number): void {
    const entry = this.#entry(traceKey(observation.traceId));
    this.observationCount += 1;
    if (entry.observations.length === 0) {
      this.traceCount += 1;
    }
    if (entry.occurrences.has(occurrence(observation))) {
      this.duplicateCount += 1;
    }
    entry.occurrences.add(occurrence(observation));
    entry.observations.push(observation);
    entry.sizes.push(bytes);
    this.#grow(entry, bytes);
  }

  /** A score with the same id, name and UTC day replaces the earlier one. */
  addScore(write: ScoreWrite, bytes: number): LocalScore {
    const entry = this.#entry(subjectKey(write));
    const key = JSON.stringify([
      write.id,
      write.name,
      write.timestamp.slice(0, 'YYYY-MM-DD'.length),
    ]);
    const score = mergeScore(write, entry.scores.get(key));
    entry.scores.set(key, score);
    this.scoreCount += 1;
    this.#grow(entry, bytes);
    return score;
  }

  observations(
    filter: LocalRecordFilter<LocalObservation>,
  ): LocalObservation[] {
    return this.#candidates(filter.traceId).flatMap(({ observations }) =>
      observations.filter((observation) => matches(observation, filter)),
    );
  }

  scores(filter: LocalRecordFilter<LocalScore>): LocalScore[] {
    return this.#candidates(filter.traceId).flatMap(({ scores }) =>
      [...scores.values()].filter((score) => matches(score, filter)),
    );
  }

  traces(): LocalTrace[] {
    return [...this.#entries.values()].flatMap((entry) => {
      const trace = toTrace(entry);
      return trace === undefined ? [] : [trace];
    });
  }

  /** Undefined as long as no observation of it is here. */
  trace(id: string): LocalTrace | undefined {
    const entry = this.#entries.get(traceKey(id));
    return entry && toTrace(entry);
  }

  #candidates(traceId: string | null | undefined): Entry[] {
    if (typeof traceId !== 'string') {
      return [...this.#entries.values()];
    }
    const entry = this.#entries.get(traceKey(traceId));
    return entry === undefined ? [] : [entry];
  }

  #entry(key: string): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      return known;
    }
    const entry: Entry = {
      observations: [],
      sizes: [],
      occurrences: new Set(),
      scores: new Map(),
      bytes: 0,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #grow(entry: Entry, bytes: number): void {
    entry.bytes += bytes;
    this.#bytes += bytes;
    for (const [key, oldest] of this.#entries) {
      const within =
        this.#entries.size <= this.#limits.maxTraces &&
        this.#bytes <= this.#limits.maxStoredBytes;
      if (within) {
        return;
      }
      if (oldest === entry) {
        this.#shrink(entry);
      } else {
        this.#entries.delete(key);
        this.#bytes -= oldest.bytes;
        this.evictedTraceCount += oldest.observations.length > 0 ? 1 : 0;
      }
    }
  }

  /** One trace alone is too large: its own oldest observations go. */
  #shrink(entry: Entry): void {
    while (
      this.#bytes > this.#limits.maxStoredBytes &&
      entry.observations.length > 1
    ) {
      const [oldest] = entry.observations.splice(0, 1);
      const [bytes = 0] = entry.sizes.splice(0, 1);
      entry.occurrences.delete(oldest ? occurrence(oldest) : '');
      entry.bytes -= bytes;
      this.#bytes -= bytes;
    }
  }
}

/** What the server tells rows apart by, within a trace. */
function occurrence({ id, startTime }: LocalObservation): string {
  return `${id} ${startTime}`;
}

function traceKey(id: string): string {
  return `trace ${id}`;
}

function subjectKey(score: ScoreWrite): string {
  if (score.traceId) {
    return traceKey(score.traceId);
  }
  return score.sessionId
    ? `session ${score.sessionId}`
    : `run ${score.datasetRunId}`;
}

function matches<T extends object>(
  record: T,
  filter: LocalRecordFilter<T>,
): boolean {
  return Object.entries(filter).every(
    ([key, value]) => value === undefined || record[key as keyof T] === value,
  );
}

function toTrace({ observations, scores }: Entry): LocalTrace | undefined {
  const first = observations[0];
  if (first === undefined) {
    return undefined;
  }
  const roots = observations.filter(
    ({ isRootObservation }) => isRootObservation,
  );
  const root =
    roots.find(({ parentObservationId }) => parentObservationId === null) ??
    roots[0];
  const byWeight = root === undefined ? observations : [root, ...observations];
  const lead = <T>(read: (observation: LocalObservation) => T | null) => {
    for (const observation of byWeight) {
      const value = read(observation);
      if (value !== null) {
        return value;
      }
    }
    return null;
  };
  return {
    id: first.traceId,
    name: lead(({ traceName }) => traceName) ?? root?.name ?? null,
    userId: lead(({ userId }) => userId),
    sessionId: lead(({ sessionId }) => sessionId),
    tags: lead(({ tags }) => (tags.length > 0 ? tags : null)) ?? [],
    environment: (root ?? first).environment,
    version: lead(({ version }) => version),
    release: lead(({ release }) => release),
    root,
    observations: [...observations],
    scores: [...scores.values()],
  };
}
