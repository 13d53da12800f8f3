/** More than the queue may hold. */
import { accept, refuse } from '../answers.js';
import type { Row } from '../row.js';

export const fullQueueRows: readonly Row[] = [
  {
    id: '47',
    fault: 'an outage, 250 records in a queue of 100',
    options: { maxQueueSize: 100, flushAt: 10 },
    run: async (s) => {
      s.server.behave(refuse(503));
      s.spans(10);
      await s.failing();
      s.spans(240);
      await s.flushInVain();
      s.server.behave(accept);
      await s.flushAll(120);
      const newest = s.ids.slice(-90);
      s.check(
        newest.every((id) => s.server.truth.ids.has(id)),
        'the newest were not kept',
      );
    },
    expected: { dropped: { overflow: 150 } },
  },
  {
    id: '47b',
    fault: 'an outage, 5 MB in a queue of 1 MB',
    options: { maxQueueBytes: 1_000_000, flushAt: 10 },
    run: async (s) => {
      s.server.behave(refuse(503));
      s.spans(10);
      await s.failing();
      let most = 0;
      for (let i = 0; i < 490; i++) {
        s.spans(1, { input: 'x'.repeat(10_000) });
        most = Math.max(most, s.queue.stats().bytes);
      }
      s.check(
        most <= 1_000_000 && most > 980_000,
        `${most} bytes held at most`,
      );
      await s.shutdown(1);
    },
    // How many fit depends on the encoded size of a record.
    expected: { dropped: 'any' },
  },
  {
    id: '48',
    fault: '50,000 records of 1 KB in one turn, answers in 50 ms',
    speed: 1,
    alone: true,
    run: async (s) => {
      s.server.behave((exchange) => void setTimeout(accept, 50, exchange));
      s.spans(50_000, { input: 'x'.repeat(850) });
      const { bytes } = s.queue.stats();
      const mean = bytes / 50_000;
      s.check(mean > 900 && mean < 1_127, `${mean} bytes a record`);
      await s.flushAll(60);
    },
    expected: { requests: 98 },
  },
];
