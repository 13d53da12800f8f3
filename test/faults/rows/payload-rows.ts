/** Requests that are refused for what is in them. */
import { randomBytes } from 'node:crypto';
import { accept, inTurn, limitSize, refuse, refuseIfAny } from '../answers.js';
import type { Row } from '../row.js';
import type { Stage } from '../stage.js';

const noise = (bytes: number) => randomBytes(bytes / 2).toString('hex');

const refuseBad = refuseIfAny(({ name }) => name === 'bad');

/** Requests that finding `bad` of `all` may cost, with one probe. */
function searchCost(bad: number, all: number): number {
  const bisecting = 1 + 2 * bad * Math.ceil(Math.log2(all));
  return Math.min(bisecting, 2 * all - 1) + 1;
}

/** `all` observations in one batch, the bad ones spread among the good. */
function record(s: Stage, all: number, bad: number): void {
  const step = all / bad;
  for (let i = 0; i < all; i++) {
    const isBad = i % step < 1 && Math.floor(i / step) < bad;
    s.spans(1, { name: isBad ? 'bad' : 'good' });
  }
}

function poisoned(
  id: string,
  bad: number,
  all: number,
  run?: Partial<{ status: number; afterSuccess: boolean }>,
): Row {
  const { status = 400, afterSuccess = false } = run ?? {};
  const when = afterSuccess ? 'later' : 'in a fresh process';
  return {
    id,
    fault: `${status}, ${bad} bad of ${all}, ${when}`,
    run: async (s) => {
      const isBad = ({ name }: { name: string }) => name === 'bad';
      s.server.behave(refuseIfAny(isBad, status));
      if (afterSuccess) {
        s.spans(10);
        await s.flushAll();
      }
      const before = s.queue.stats().requests;
      record(s, all, bad);
      await s.flushAll();
      const requests = s.queue.stats().requests - before;
      const allowed = searchCost(bad, all);
      s.check(requests <= allowed, `${requests} requests, at most ${allowed}`);
      s.check(
        s.server.exports.every(
          ({ status: answered, records }) =>
            answered !== 200 || !records.some(isBad),
        ),
        'a bad one was delivered',
      );
    },
    expected: { dropped: { rejected: bad } },
  };
}

export const payloadRows: readonly Row[] = [
  {
    id: '18',
    fault: '413 above 100 kB decoded, 1,000 × 1 kB',
    run: async (s) => {
      s.server.behave(limitSize('decoded', () => 100_000));
      for (let i = 0; i < 1_000; i++) s.spans(1, { input: noise(1_000) });
      await s.flushAll();
    },
    // At best 13.
    expected: { requests: 39 },
  },
  {
    id: '18b',
    fault: '413 above 100 kB encoded, HTML of a proxy',
    run: async (s) => {
      s.server.behave(limitSize('encoded', () => 100_000));
      for (let i = 0; i < 1_000; i++) s.spans(1, { input: noise(1_000) });
      await s.flushAll();
    },
    expected: { requests: 39 },
  },
  {
    id: '18c',
    fault: '413 just above the largest record',
    run: async (s) => {
      s.server.behave(limitSize('decoded', () => 101_000));
      for (let i = 0; i < 100; i++) {
        s.spans(1, { input: noise(i === 50 ? 100_000 : 1_000) });
      }
      await s.flushAll();
    },
    expected: {},
  },
  {
    id: '18d',
    fault: '413 for a single record of 100 kB: it is cut',
    run: async (s) => {
      s.server.behave(limitSize('decoded', () => 20_000));
      s.spans(50, { input: 'small' });
      s.spans(1, { input: noise(100_000) });
      s.spans(50, { input: 'small' });
      await s.flushAll();
      const texts = s.server.exports
        .filter(({ status }) => status === 200)
        .flatMap(({ records }) => records.map(({ text }) => text));
      s.check(
        texts.some((text) => text.includes('Truncated')),
        'no marker in the record that was too large',
      );
    },
    expected: {},
  },
  {
    id: '18e',
    fault: '413 above 20 kB, later no more: the limit recovers',
    speed: 60,
    options: { compression: 'none' },
    run: async (s) => {
      s.server.behave(limitSize('decoded', () => 20_000));
      s.spans(100, { input: noise(1_000) });
      await s.flushAll();
      s.server.behave(accept);
      const largest = () =>
        Math.max(...s.server.exchanges.map(({ body }) => body.length));
      for (let i = 0; i < 200 && s.server.exchanges.length < 400; i++) {
        s.spans(100, { input: noise(1_000) });
        await s.flushAll();
        const last = s.server.exchanges.at(-1)?.body.length ?? 0;
        if (last > 100_000) return;
      }
      s.check(false, `still small after 200 flushes; largest ${largest()}`);
    },
    expected: {},
  },
  {
    id: '18f',
    fault: '413 above 5 kB for scores',
    run: async (s) => {
      s.server.behave(limitSize('decoded', () => 5_000));
      s.scores(100);
      await s.flushAll();
    },
    expected: {},
  },
  poisoned('19', 1, 512),
  poisoned('19b', 5, 512),
  poisoned('19c', 1, 512, { afterSuccess: true }),
  poisoned('19d', 2, 512, { status: 422 }),
  poisoned('19e', 64, 64),
  {
    id: '19f',
    fault: '400, 2 bad of 100 scores',
    run: async (s) => {
      s.server.behave(refuseBad);
      s.scores(49);
      s.scores(1, 'bad');
      s.scores(49);
      s.scores(1, 'bad');
      await s.flushAll();
    },
    expected: { dropped: { rejected: 2 }, requests: searchCost(2, 100) },
  },
  {
    id: '19g',
    fault: '400 for 1 bad of 512, 503 in between',
    run: async (s) => {
      const bad = refuseBad;
      s.server.behave(inTurn(bad, bad, bad, refuse(503), bad));
      record(s, 512, 1);
      await s.flushAll();
    },
    expected: { dropped: { rejected: 1 }, requests: searchCost(1, 512) + 4 },
  },
  {
    id: '20',
    fault: '400 for everything, 1 min',
    speed: 60,
    run: async (s) => {
      s.server.behave(refuse(400, { body: '{"error":"Unsupported version"}' }));
      s.spans(512);
      s.scores(10);
      await s.flushInVain(10);
      await s.seconds(50);
      const { requests } = s.queue.stats();
      s.check(requests <= 8, `${requests} requests in 1 min`);
      // One for each lane: it may be that only one of them is refused.
      s.check(
        s.log.length === 2,
        `${s.log.length} lines: ${s.log.join(' | ')}`,
      );
      s.server.behave(accept);
      await s.flushAll(700);
    },
    expected: {},
  },
];
