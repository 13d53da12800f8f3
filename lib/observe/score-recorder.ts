import { randomUUID } from 'node:crypto';
import type { LangfuseQueue } from '../queue/index.js';
import {
  encodeScoreEvent,
  scoreDataType,
  type ScoreEvent,
  scoreProblem,
} from '../wire/index.js';
import type { Capture } from './capture/index.js';
import type { Score } from './score.js';
import type { WarnOnce } from './warn-once.js';

/** What a score recorder works with. */
export interface ScoreRecorderSettings {
  /** Undefined turns scores off. */
  readonly queue: Pick<LangfuseQueue, 'enqueue' | 'refuse'> | undefined;
  readonly capture: Capture;
  readonly warnings: WarnOnce;
  /** The environment of scores that name none. */
  readonly environment: string | undefined;
}

/**
 * Turns scores into records of the queue. Their ids and time are fixed here:
 * a score that is sent twice stays one.
 */
export class ScoreRecorder {
  constructor(private readonly settings: ScoreRecorderSettings) {}

  /** The score's id; undefined when it was refused or scores are off. */
  create(score: Score): string | undefined {
    const { queue, warnings } = this.settings;
    if (queue === undefined) return undefined;
    try {
      const problem = scoreProblem(score);
      if (problem === undefined) return this.enqueue(score, queue);
      const [field] = problem.split(':', 1);
      warnings.warn(`score ${field}`, `createScore(): dropped: ${problem}`);
    } catch (error) {
      // Only a score that is itself a trap (a Proxy, a getter) comes here.
      warnings.warn('score', `createScore(): dropped: ${String(error)}`);
    }
    queue.refuse('scores');
    return undefined;
  }

  private enqueue(score: Score, queue: Pick<LangfuseQueue, 'enqueue'>): string {
    const { capture, environment } = this.settings;
    const { value, metadata, ...given } = score;
    const eventId = randomUUID();
    const id = score.id ?? randomUUID();
    const event = {
      ...given,
      environment: score.environment ?? environment,
      id,
      eventId,
      timestamp: new Date().toISOString(),
      dataType: scoreDataType(value, score.dataType),
      value: typeof value === 'boolean' ? Number(value) : value,
      metadata: jsonOf(capture.text(metadata), metadata),
    };
    // `scoreProblem()` has checked that value, type and subject go together.
    const bytes = encodeScoreEvent(event as ScoreEvent);
    queue.enqueue({ lane: 'scores', id: eventId, bytes });
    return id;
  }
}

/** Captured text is JSON already, unless the value was a string. */
function jsonOf(text: string | undefined, value: unknown): string | undefined {
  return typeof value === 'string' ? JSON.stringify(text) : text;
}
