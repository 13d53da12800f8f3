/** Many runs at once, of every kind of result: none lands in another's trace. */
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import fc from 'fast-check';
import {
  concatMap,
  from,
  lastValueFrom,
  type Observable,
  of,
  toArray,
} from 'rxjs';
import { expect, it } from 'vitest';
import { Trace } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';

@Injectable()
class Work {
  @Trace('run')
  async run(id: number, delays: readonly number[]): Promise<number> {
    const counts: number[] = [];
    for await (const step of this.steps(id, delays)) counts.push(step);
    await lastValueFrom(this.steps$(id, delays).pipe(toArray()));
    return counts.length;
  }

  @Trace('steps')
  async *steps(id: number, delays: readonly number[]): AsyncGenerator<number> {
    for (const ms of delays) {
      await delay(ms);
      yield await this.step(id);
    }
  }

  @Trace('steps$')
  steps$(id: number, delays: readonly number[]): Observable<number> {
    return from(delays).pipe(
      concatMap((ms) => delay(ms)),
      concatMap(() => this.step(id)),
      concatMap((step) => of(step)),
    );
  }

  @Trace('step')
  async step(id: number): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve));
    return id;
  }
}

const runs = fc.array(
  fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }),
  { minLength: 200, maxLength: 200 },
);

it('200 runs with random delays keep to themselves', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (plan) => {
      const traced = await TracedApplication.start({ providers: [Work] });
      try {
        const work = traced.get(Work);
        await Promise.all(plan.map((delays, id) => work.run(id, delays)));
        await traced.langfuse.flush();
        const observations = traced.local.observations();
        const byId = new Map(observations.map((each) => [each.id, each]));
        const idOf = ({ input }: { input: string | null }) =>
          String(([] as unknown[]).concat(JSON.parse(input!))[0]);
        for (const each of observations.filter(({ name }) => name !== 'run')) {
          const parent = byId.get(each.parentObservationId!)!;
          expect(idOf(parent)).toBe(idOf(each));
          expect(parent.name).toMatch(
            each.name === 'step' ? /^steps\$?$/ : /^run$/,
          );
          expect(parent.traceId).toBe(each.traceId);
        }
        const steps = plan.flat().length;
        expect(observations).toHaveLength(3 * plan.length + 2 * steps);
        expect(new Set(observations.map(({ traceId }) => traceId)).size).toBe(
          200,
        );
      } finally {
        await traced.close();
      }
    }),
    { numRuns: 3 },
  );
});
