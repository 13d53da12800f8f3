/** Many requests at once, with every way to go on later: none meets another. */
import { EventEmitter } from 'node:events';
import {
  setImmediate as turn,
  setTimeout as delay,
} from 'node:timers/promises';
import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  Post,
  UseGuards,
} from '@nestjs/common';
import fc from 'fast-check';
import {
  concatMap,
  from,
  lastValueFrom,
  map,
  mergeMap,
  Observable,
  of,
  timer,
  toArray,
} from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import { ADAPTERS } from './requests-support.js';

const WAYS = [
  'promise',
  'timer',
  'immediate',
  'observable',
  'emitter',
  'parallel',
] as const;

interface Step {
  readonly way: (typeof WAYS)[number];
  readonly ms: number;
}

interface Plan {
  readonly id: string;
  readonly isStreamed: boolean;
  readonly steps: readonly Step[];
}

@Injectable()
class Walker {
  constructor(private readonly langfuse: LangfuseService) {}

  @Trace('step')
  async walk(id: string, { way, ms }: Step): Promise<string> {
    const mark = () =>
      this.langfuse.startObservation('mark', { input: id }).end();
    switch (way) {
      case 'promise':
        await Promise.resolve();
        break;
      case 'timer':
        await delay(ms);
        break;
      case 'immediate':
        await turn();
        break;
      case 'observable':
        await lastValueFrom(timer(ms).pipe(mergeMap(() => of(mark(), 1))));
        return id;
      case 'emitter': {
        const emitter = new EventEmitter();
        const heard = new Promise<void>((resolve) =>
          emitter.once('ready', () => resolve(mark())),
        );
        setTimeout(() => emitter.emit('ready'), ms);
        await heard;
        return id;
      }
      case 'parallel':
        await Promise.all([delay(ms).then(mark), turn().then(mark)]);
        return id;
    }
    mark();
    return id;
  }
}

/** Others come in between before the handler begins. */
class SlowGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { body } = context.switchToHttp().getRequest<{ body: Plan }>();
    await delay(body.steps[0]?.ms);
    return true;
  }
}

@Controller()
@UseGuards(SlowGuard)
class WalkController {
  constructor(private readonly walker: Walker) {}

  @Post('walk')
  walk(@Body() { id, steps, isStreamed }: Plan): unknown {
    const stepped = from(steps).pipe(
      concatMap((step) => this.walker.walk(id, step)),
      toArray(),
      map(() => id),
    );
    return isStreamed ? stepped : lastValueFrom(stepped as Observable<string>);
  }
}

const steps = fc.array(
  fc.record({
    way: fc.constantFrom(...WAYS),
    ms: fc.integer({ min: 0, max: 8 }),
  }),
  { minLength: 1, maxLength: 3 },
);

const plans = fc.array(fc.record({ steps, isStreamed: fc.boolean() }), {
  minLength: 200,
  maxLength: 200,
});

describe.each(ADAPTERS)('200 requests at once over %s', (_name, adapter) => {
  let traced: TracedApplication;
  let url: string;
  beforeAll(async () => {
    traced = await TracedApplication.start({
      adapter: adapter(),
      controllers: [WalkController],
      providers: [Walker],
      langfuse: {
        traceRequests: true,
        requestAttributes: (context) => ({
          userId: context.switchToHttp().getRequest<{ body: Plan }>().body.id,
        }),
      },
    });
    url = await traced.listen();
  });
  afterAll(() => traced.close());

  it('leave each observation in the trace of its request', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(plans, async (drawn) => {
        round += 1;
        const all = drawn.map((plan, i) => ({ ...plan, id: `${round}-${i}` }));
        const answers = await Promise.all(all.map(walk));
        expect(answers).toEqual(all.map(({ id }) => id));
        await requestsEnded(round * all.length);
        for (const { id, steps: taken } of all) {
          const mine = traced.local.observations({ userId: id });
          const [root] = mine.filter(({ name }) => name === 'POST /walk');
          expect(root).toMatchObject({ output: id });
          const inTrace = traced.local.observations({ traceId: root!.traceId });
          expect(inTrace).toHaveLength(mine.length);
          const walked = mine.filter(({ name }) => name === 'step');
          expect(walked).toHaveLength(taken.length);
          for (const step of walked) {
            expect(step.parentObservationId).toBe(root!.id);
          }
          const marks = mine.filter(({ name }) => name === 'mark');
          expect(marks.length).toBeGreaterThanOrEqual(taken.length);
          const ids = new Set(walked.map((step) => step.id));
          for (const mark of marks) {
            expect(mark.input).toBe(id);
            expect(ids).toContain(mark.parentObservationId);
          }
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
  }, 60_000);

  async function walk(plan: Plan): Promise<string> {
    const response = await fetch(`${url}/walk`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(plan),
    });
    return response.text();
  }

  /** A request ends after its client has read the answer. */
  async function requestsEnded(count: number): Promise<void> {
    const ended = () =>
      traced.local.observations({ name: 'POST /walk' }).length;
    for (let i = 0; i < 100 && ended() < count; i++) {
      await turn();
      await traced.langfuse.flush();
    }
    expect(ended()).toBe(count);
  }
});
