/** What a 400 costs: for bad records in a batch, and for everything. */
import type { Http } from '../../lib/deliver/http-client.js';
import type { LangfuseQueue } from '../../lib/queue/index.js';
import { defaultQueue } from './default-queue.js';
import { Random } from './plan/random.js';
import { answer } from './server/reply.js';
import { makeRecord, readRequest } from './server/simulated-records.js';
import { settled, VirtualClock } from './virtual-clock.js';

/** What sending a batch took. */
interface Costs {
  readonly requests: number;
  readonly delivered: number;
  readonly rejected: number;
}

/** What one poisoned batch came to. */
export interface Poisoned extends Costs {
  readonly batch: number;
  readonly bad: number;
  /** Requests that the bisection may take, with one that has no data. */
  readonly allowed: number;
}

/** What one batch came to while the server refused all that was sent. */
export interface Held extends Costs {
  readonly batch: number;
  /** Records that arrived after somebody had put the server right. */
  readonly deliveredLater: number;
}

const LONG_ENOUGH_MS = 3_600_000;

/** A batch with bad records as the first thing that a process sends, or not. */
export async function poisoned(seed: number): Promise<Poisoned> {
  const random = new Random(seed);
  const batch = batchAtRandom(random);
  const bad = new Set<number>();
  const most = random.pick([1, 1, 2, 5, 20, batch]);
  for (let i = 0; i < most; i++) bad.add(random.integer(1, batch));
  const sender = new Sender(random, (numbers) =>
    numbers.some((number) => bad.has(number)),
  );
  if (random.chance(0.5)) await sender.send(GOOD, GOOD);
  const costs = await sender.send(1, batch);
  const halving = 1 + 2 * bad.size * Math.ceil(Math.log2(batch));
  const allowed = Math.min(halving, 2 * batch - 1) + 1;
  return { batch, ...costs, bad: bad.size, allowed };
}

/** A batch to a server that refuses everything, from the start or of late. */
export async function refusedAltogether(seed: number): Promise<Held> {
  const random = new Random(seed);
  const batch = batchAtRandom(random);
  let isRefusing = false;
  const sender = new Sender(random, () => isRefusing);
  if (random.chance(0.7)) await sender.send(GOOD, GOOD);
  isRefusing = true;
  const costs = await sender.send(1, batch);
  isRefusing = false;
  return { batch, ...costs, deliveredLater: await sender.wait() };
}

/** A record beyond every batch. */
const GOOD = 1_000;

function batchAtRandom(random: Random): number {
  return random.pick([1, 2, 3, 17, 100, 512, 512, 512]);
}

/** A process with default options whose server answers at once. */
class Sender {
  private readonly clock = new VirtualClock();
  private readonly queue: LangfuseQueue;

  /** @param refuses Whether a request with these records gets a 400. */
  constructor(random: Random, refuses: (numbers: number[]) => boolean) {
    const http: Http = {
      send(request) {
        const isRefused = refuses(readRequest(request).numbers);
        return Promise.resolve(answer(isRefused ? 400 : 200, '{}'));
      },
      close() {},
    };
    this.queue = defaultQueue(this.clock, random, http);
  }

  /** Sends records `first` to `last` as one batch: what that takes now. */
  async send(first: number, last: number): Promise<Costs> {
    const before = this.queue.stats();
    for (let number = first; number <= last; number++) {
      this.queue.enqueue(makeRecord('spans', number, 0));
    }
    void this.queue.flush();
    await settled();
    const after = this.queue.stats();
    return {
      requests: after.requests - before.requests,
      delivered: after.delivered - before.delivered,
      rejected: (after.dropped.rejected ?? 0) - (before.dropped.rejected ?? 0),
    };
  }

  /** Waits until every back-off is over: how many more were delivered. */
  async wait(): Promise<number> {
    const before = this.queue.stats().delivered;
    while (this.clock.fireNext(LONG_ENOUGH_MS)) await settled();
    return this.queue.stats().delivered - before;
  }
}
