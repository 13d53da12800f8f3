/** What bad records in one batch cost: requests, and nothing else. */
import { LangfuseTransport } from '../../lib/deliver/langfuse-transport.js';
import { LangfuseQueue } from '../../lib/queue/index.js';
import { DEFAULT_SETTINGS } from './default-settings.js';
import { credentials, DESTINATION } from './destination.js';
import type { Http } from '../../lib/deliver/http-client.js';
import { Random } from './random.js';
import { makeRecord, readRecords } from './simulated-records.js';
import { settled, VirtualClock } from './virtual-clock.js';

/** What one poisoned batch came to. */
export interface Poisoned {
  readonly batch: number;
  readonly bad: number;
  readonly requests: number;
  /** What the bisection may take, with one request without data. */
  readonly allowed: number;
  readonly delivered: number;
  readonly rejected: number;
  readonly goodStored: number;
}

/** A batch with bad records as the first thing that a process sends, or not. */
export async function poisoned(seed: number): Promise<Poisoned> {
  const random = new Random(seed);
  const clock = new VirtualClock();
  const batch = random.pick([2, 3, 17, 100, 512, 512, 512]);
  const bad = new Set<number>();
  const most = random.pick([1, 1, 2, 5, 20, batch]);
  for (let i = 0; i < most; i++) bad.add(random.integer(1, batch));
  const stored = new Set<number>();

  const http: Http = {
    send({ body }) {
      const numbers = readRecords('spans', body);
      const isBad = numbers.some((number) => bad.has(number));
      if (!isBad) for (const number of numbers) stored.add(number);
      return Promise.resolve({
        kind: 'answer',
        status: isBad ? 400 : 200,
        headers: {},
        body: Buffer.from('{}'),
      });
    },
    close() {},
  };
  const transport = new LangfuseTransport(
    { timeoutMs: 30_000, destination: DESTINATION, credentials },
    { clock, random: () => random.next(), http },
  );
  const ignore = () => {};
  const logger = { log: ignore, warn: ignore, error: ignore };
  const queue = new LangfuseQueue(DEFAULT_SETTINGS, {
    transport,
    logger,
    clock,
  });
  if (random.chance(0.5)) {
    queue.enqueue(makeRecord('spans', batch + 1, 0));
    void queue.flush();
    await settled();
  }
  const before = queue.stats().requests;
  for (let number = 1; number <= batch; number++) {
    queue.enqueue(makeRecord('spans', number, 0));
  }
  void queue.flush();
  await settled();
  while (queue.stats().inFlight > 0 && clock.fireNext()) await settled();

  const { requests, delivered, dropped } = queue.stats();
  const halving = 1 + 2 * bad.size * Math.ceil(Math.log2(batch));
  return {
    batch,
    bad: bad.size,
    requests: requests - before,
    allowed: Math.min(halving, 2 * batch - 1) + 1,
    delivered: delivered - (before > 0 ? 1 : 0),
    rejected: dropped.rejected ?? 0,
    goodStored: [...stored].filter((number) => number <= batch).length,
  };
}
