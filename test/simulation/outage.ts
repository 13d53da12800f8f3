/** The requests that an outage costs, and whether anything is lost in it. */
import type { Http, HttpResult } from '../../lib/deliver/http-client.js';
import { defaultQueue } from './default-queue.js';
import { Random } from './plan/random.js';
import { answer, failure } from './server/reply.js';
import { makeRecord, readRequest } from './server/simulated-records.js';
import { settled, VirtualClock } from './virtual-clock.js';

/** What one outage came to. */
export interface Outage {
  readonly requestsWhileDown: number;
  readonly lost: number;
}

const LATENCY_MS = 50;
const TICK_MS = 100;
const RECORDS_PER_TICK = 10;
const WELL_BEFORE_MS = 10_000;
const WELL_AFTER_MS = 120_000;

/** A hundred records a second, with default options, before, in and after it. */
export async function outage(seed: number, lastsMs: number): Promise<Outage> {
  const random = new Random(seed);
  const clock = new VirtualClock();
  const downFrom = WELL_BEFORE_MS + random.next() * 5_000;
  const downUntil = downFrom + lastsMs;
  const isDown = () => clock.now() >= downFrom && clock.now() < downUntil;
  const whileDown = random.pick(FAILURES);
  const stored = new Set<number>();
  let requestsWhileDown = 0;

  const http: Http = {
    send(request, { timeoutMs }) {
      const { afterMs, result } = isDown()
        ? whileDown
        : { afterMs: LATENCY_MS, result: TAKEN };
      if (isDown()) requestsWhileDown += 1;
      else
        for (const number of readRequest(request).numbers) stored.add(number);
      return new Promise((resolve) => {
        clock.after(Math.min(afterMs, timeoutMs), () => resolve(result));
      });
    },
    close() {},
  };
  const queue = defaultQueue(clock, random, http);

  let records = 0;
  const stopsAt = downUntil + WELL_AFTER_MS / 2;
  const tick = () => {
    for (let i = 0; i < RECORDS_PER_TICK; i++) {
      records += 1;
      queue.enqueue(makeRecord('spans', records, 0));
    }
    if (clock.now() < stopsAt) clock.after(TICK_MS, tick);
  };
  clock.after(0, tick);
  while (clock.fireNext(stopsAt + WELL_AFTER_MS)) await settled();
  return { requestsWhileDown, lost: records - stored.size };
}

const TAKEN = answer(200, '{}');

const FAILURES: readonly {
  readonly afterMs: number;
  readonly result: HttpResult;
}[] = [
  { afterMs: 1, result: failure('ECONNREFUSED', false) },
  { afterMs: LATENCY_MS, result: answer(503, '') },
];
