import { randomUUID } from 'node:crypto';
import type { LangfuseQueue, QueueRecord } from '../queue/index.js';
import {
  encodeScoreEvent,
  scoreDataType,
  type ScoreEvent,
  scoreProblem,
} from '../wire/index.js';
import { type Capture, threwMark } from './capture/index.js';
import { type Mask, maskScore } from './mask/index.js';
import { messageOf } from './message-of.js';
import type { ActiveScore, Score } from './score.js';
import type { TraceSampler } from './trace-sampler.js';
import type { WarnOnce } from './warn-once.js';

type ScoreQueue = Pick<LangfuseQueue, 'enqueue' | 'enqueueLater' | 'refuse'>;

/** About a score's bytes without comment and metadata. */
const BARE_SCORE_BYTES = 512;

/** What a score recorder works with. */
export interface ScoreRecorderSettings {
  /** Undefined turns scores off. */
  readonly queue: ScoreQueue | undefined;
  readonly capture: Capture;
  readonly warnings: WarnOnce;
  /** The environment of scores that name none. */
  readonly environment: string | undefined;
  /** Default: the scores of all traces are sent. */
  readonly sampler?: TraceSampler | undefined;
  /** Default: scores are sent as they are. */
  readonly mask?: Mask | undefined;
}

/** Read once: a getter may answer otherwise the next time. */
const FIELDS = [
  'id',
  'name',
  'value',
  'dataType',
  'traceId',
  'observationId',
  'sessionId',
  'datasetRunId',
  'configId',
  'environment',
] as const satisfies readonly (keyof Score)[];

/** Of what is active. */
type Subject = Pick<Score, 'traceId' | 'observationId'>;

/** A score whose fields no code of the application stands behind any more. */
type ReadScore = Pick<Score, (typeof FIELDS)[number]> & {
  readonly comment: unknown;
  readonly metadata: unknown;
};

/**
 * Turns scores into records of the queue. Their ids and time are fixed here:
 * a score that is sent twice stays one.
 */
export class ScoreRecorder {
  constructor(private readonly settings: ScoreRecorderSettings) {}

  /**
   * The score's id; undefined when it was refused, when its trace is not
   * sampled, or when scores are off.
   */
  create(score: ActiveScore, subject: Subject): string | undefined;
  create(score: Score): string | undefined;
  create(score: Score, subject?: Subject): string | undefined {
    const { queue, warnings, mask } = this.settings;
    // What the mask records would come to the mask again, and so on for ever.
    if (queue === undefined || mask?.isRunning) return undefined;
    try {
      const read = { ...readScore(score), ...subject };
      const problem = scoreProblem(read);
      if (problem === undefined) return this.enqueueSampled(read, queue);
      const [field] = problem.split(':', 1);
      warnings.warn(`score ${field}`, `createScore(): dropped: ${problem}`);
    } catch (error) {
      // Only a score that is itself a trap (a Proxy, a getter) comes here.
      const cause = messageOf(error);
      warnings.warn('score', `createScore(): dropped: ${cause}`);
    }
    queue.refuse('scores');
    return undefined;
  }

  /** Scores of sessions and dataset runs have no trace to share the fate of. */
  private enqueueSampled(
    score: ReadScore,
    queue: ScoreQueue,
  ): string | undefined {
    const { sampler, mask } = this.settings;
    const { traceId } = score;
    if (sampler && traceId && !sampler.keeps(traceId)) return undefined;
    const event = this.eventOf(score);
    if (mask) this.enqueueMasked(event, mask, queue);
    else queue.enqueue(recordOf(event));
    return event.id;
  }

  private enqueueMasked(
    event: ScoreEvent,
    mask: Mask,
    queue: ScoreQueue,
  ): void {
    const masked = mask.apply((masking) => maskScore(event, masking));
    if (masked instanceof Promise) {
      const record = masked.then((sent) => this.recordOfMasked(sent));
      const { comment = '', metadata = '' } = event;
      const expectedBytes = BARE_SCORE_BYTES + comment.length + metadata.length;
      queue.enqueueLater('scores', record, expectedBytes);
      return;
    }
    const record = this.recordOfMasked(masked);
    if (record) queue.enqueue(record);
    else queue.refuse('scores');
  }

  /** What the mask left may be nothing that the server takes. */
  private recordOfMasked(event: ScoreEvent): QueueRecord | undefined {
    const problem = scoreProblem(event);
    if (problem === undefined) return recordOf(event);
    const [field] = problem.split(':', 1);
    this.settings.warnings.warn(
      `masked score ${field}`,
      `createScore(): dropped, since it was masked: ${problem}`,
    );
    return undefined;
  }

  private eventOf(score: ReadScore): ScoreEvent {
    const { capture, environment } = this.settings;
    const { name, value, comment, metadata } = score;
    const event = {
      ...score,
      environment: score.environment ?? environment,
      id: score.id ?? randomUUID(),
      eventId: randomUUID(),
      timestamp: new Date().toISOString(),
      name: capture.text(name),
      dataType: scoreDataType(value, score.dataType),
      value: this.valueOf(value),
      comment: capture.text(comment ?? undefined),
      metadata: jsonOf(capture.text(metadata ?? undefined), metadata),
    };
    // `scoreProblem()` has checked that value, type and subject go together.
    return event as ScoreEvent;
  }

  private valueOf(value: Score['value']): number | string | undefined {
    return typeof value === 'string'
      ? this.settings.capture.text(value)
      : Number(value);
  }
}

/** What is no more than a remark does not cost the score when it throws. */
function readScore(score: Score): ReadScore {
  const fields = Object.fromEntries(FIELDS.map((key) => [key, score[key]]));
  return {
    ...(fields as Pick<Score, (typeof FIELDS)[number]>),
    comment: readOrMark(() => score.comment),
    metadata: readOrMark(() => score.metadata),
  };
}

function readOrMark(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return threwMark(error);
  }
}

function recordOf(event: ScoreEvent): QueueRecord {
  const bytes = encodeScoreEvent(event);
  return { lane: 'scores', id: event.eventId, bytes };
}

/** Captured text is JSON already, unless the value was a string. */
function jsonOf(text: string | undefined, value: unknown): string | undefined {
  return typeof value === 'string' ? JSON.stringify(text) : text;
}
