/** Clocks that jump and a process that stands still. */
import { vi } from 'vitest';
import { accept, inTurn, refuse, stayMute } from '../answers.js';
import { runChild } from '../child.js';
import type { Row } from '../row.js';

const DAY_MS = 86_400_000;

export const timeRows: readonly Row[] = [
  {
    id: '29',
    alone: true,
    fault: 'wall clock +1 day, then −1 day, in an outage',
    run: async (s) => {
      s.server.behave(refuse(503));
      const today = Date.now();
      s.spans(100);
      await s.flushInVain();
      try {
        for (const days of [1, -1]) {
          vi.setSystemTime(today + days * DAY_MS);
          const before = s.queue.stats().requests;
          s.spans(100);
          await s.flushInVain(10);
          const { requests } = s.queue.stats();
          s.check(requests - before <= 6, `${requests - before} tries in 10 s`);
        }
      } finally {
        vi.useRealTimers();
      }
      s.server.behave(accept);
      await s.flushAll(120);
      const [first] = s.server.exports;
      s.check(
        s.server.exports.some(
          ({ status, plain }) => status === 200 && plain.equals(first!.plain),
        ),
        'what was sent again is not the same bytes',
      );
    },
    expected: {},
  },
  {
    id: '30',
    fault: 'event loop blocked 1.5 s, timeout 1 s, answer in 0.1 s',
    run: async (s) => {
      s.server.behave((exchange) => void setTimeout(accept, 100, exchange));
      s.adopt(await runChild(s, 'blocked-loop.mjs', ['100', '1500']));
    },
    expected: { requests: 1 },
  },
  {
    id: '30b',
    fault: 'event loop blocked 5 s, timeout 1 s, answer in 0.1 s',
    run: async (s) => {
      s.server.behave((exchange) => void setTimeout(accept, 100, exchange));
      s.adopt(await runChild(s, 'blocked-loop.mjs', ['100', '5000']));
    },
    expected: { requests: 1 },
  },
  {
    id: '31',
    fault: 'asleep for 1 h in an outage',
    run: async (s) => {
      s.server.behave(refuse(503));
      s.spans(2_000);
      await s.flushInVain(10);
      const before = s.server.exchanges.length;
      s.clock.skip(3_600_000);
      await s.seconds(0.2);
      const woken = s.server.exchanges.length - before;
      s.check(woken <= 2, `${woken} requests on waking`);
      s.server.behave(accept);
      await s.flushAll(120);
    },
    expected: {},
  },
  {
    id: '31b',
    fault: 'asleep for 1 h while a request is under way',
    run: async (s) => {
      s.server.behave(inTurn(stayMute, accept));
      s.spans(100);
      void s.queue.flush();
      await s.until('no request', () => s.server.exchanges.length > 0);
      s.clock.skip(3_600_000);
      await s.flushAll(120);
    },
    expected: {},
  },
];
