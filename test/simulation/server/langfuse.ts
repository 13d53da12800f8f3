/** What a Langfuse server that is well answers. */
import type { LaneName } from '../../../lib/queue/index.js';
import type { Plan } from '../plan/plan.js';
import { answer, type Reply, undecided } from './reply.js';

/** The server of one run, with the records it cannot take. */
export class Langfuse {
  constructor(
    private readonly plan: Pick<Plan, 'poisonEvery' | 'poisonedScores'>,
  ) {}

  reply(lane: LaneName, numbers: readonly number[], afterMs: number): Reply {
    const isBad = numbers.some((number) => this.isPoison(number));
    if (lane === 'scores' && (!isBad || this.plan.poisonedScores === '207')) {
      return this.replyById(numbers, afterMs, () => false);
    }
    if (isBad) {
      const reply = undecided(afterMs, BAD_RECORD, { kind: 'refused' });
      return numbers.length === 1 ? { ...reply, refused: numbers } : reply;
    }
    return {
      ...undecided(afterMs, TAKEN, meaningOf(numbers)),
      taken: numbers,
    };
  }

  /**
   * A 207, which says of each score what became of it.
   *
   * @param failsNow Whether the server has a fault of its own with this one.
   */
  replyById(
    numbers: readonly number[],
    afterMs: number,
    failsNow: () => boolean,
  ): Reply {
    const taken: number[] = [];
    const refused: number[] = [];
    const errors: { id: string; status: number }[] = [];
    for (const number of numbers) {
      const isFailing = failsNow();
      if (isFailing) {
        errors.push({ id: `${number}`, status: 500 });
      } else if (this.isPoison(number)) {
        errors.push({ id: `${number}`, status: 400 });
        refused.push(number);
      } else {
        taken.push(number);
      }
    }
    const isComplete = taken.length + refused.length === numbers.length;
    return {
      afterMs,
      result:
        errors.length === 0
          ? ALL_TAKEN
          : answer(207, JSON.stringify({ successes: [], errors })),
      meaning: isComplete ? meaningOf(numbers) : { kind: 'taken-in-part' },
      taken,
      refused,
    };
  }

  private isPoison(number: number): boolean {
    const { poisonEvery } = this.plan;
    return poisonEvery > 0 && number % poisonEvery === 0;
  }
}

const TAKEN = answer(200, '{}');
const ALL_TAKEN = answer(207, '{"successes":[],"errors":[]}');
const BAD_RECORD = answer(400, 'bad record');

function meaningOf(numbers: readonly number[]): Reply['meaning'] {
  return { kind: numbers.length === 0 ? 'probe-taken' : 'taken' };
}
