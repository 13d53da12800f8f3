/** Ends of the process, and calls before and after its queue's life. */
import { accept, stayMute } from '../answers.js';
import { runChild } from '../child.js';
import type { Row } from '../row.js';

/** For Nest to go on and for the process to die. */
const DYING_MS = 1_000;

export const processRows: readonly Row[] = [
  {
    id: '32',
    fault: 'SIGTERM, healthy server',
    run: async (s) => {
      const books = await runChild(s, 'application.mjs', ['1000', '2000'], {
        onReady: (kill) => kill('SIGTERM'),
        endsWithinMs: 2_000 + DYING_MS,
        ending: 'SIGTERM',
      });
      s.adopt(books);
    },
    expected: {},
  },
  {
    id: '34',
    fault: 'SIGTERM in an outage (never answers)',
    run: async (s) => {
      s.server.behave(stayMute);
      const books = await runChild(s, 'application.mjs', ['1000', '1000'], {
        onReady: (kill) => kill('SIGTERM'),
        endsWithinMs: 1_000 + DYING_MS,
        ending: 'SIGTERM',
      });
      s.adopt(books);
    },
    expected: { dropped: { shutdown_deadline: 1_000 } },
  },
  {
    id: '34b',
    fault: 'SIGTERM in an outage (connection refused)',
    run: async (s) => {
      await s.server.close();
      const books = await runChild(s, 'application.mjs', ['1000', '1000'], {
        onReady: (kill) => kill('SIGTERM'),
        endsWithinMs: 1_000 + DYING_MS,
        ending: 'SIGTERM',
      });
      s.adopt(books);
    },
    expected: { dropped: { shutdown_deadline: 1_000 } },
  },
  {
    id: '35',
    fault: 'SIGINT twice, answers take 0.5 s',
    run: async (s) => {
      s.server.behave((exchange) => void setTimeout(accept, 500, exchange));
      const books = await runChild(s, 'application.mjs', ['1000', '3000'], {
        onReady: (kill) => {
          kill('SIGINT');
          setTimeout(kill, 100, 'SIGINT');
        },
        endsWithinMs: 3_000 + DYING_MS,
        ending: 'SIGINT',
      });
      s.adopt(books);
    },
    expected: {},
  },
  {
    id: '39',
    fault: 'a script ends with 1,000 records queued',
    run: async (s) =>
      s.adopt(await runChild(s, 'script.mjs', ['1000', '2000'])),
    expected: {},
  },
  {
    id: '39b',
    fault: 'the same in an outage (never answers)',
    run: async (s) => {
      s.server.behave(stayMute);
      s.adopt(await runChild(s, 'script.mjs', ['1000', '500']));
    },
    expected: { dropped: { shutdown_deadline: 1_000 } },
  },
  {
    id: '40',
    fault: 'recorded, flushed and closed again after shutdown',
    speed: 5,
    run: async (s) => {
      s.spans(100);
      const first = s.shutdown(5);
      const second = s.queue.shutdown();
      s.spans(5);
      const told = JSON.stringify(await first);
      s.check(
        told === JSON.stringify(await second),
        'a second shutdown tells another result',
      );
      s.spans(5);
      s.scores(5);
      s.check(
        told === JSON.stringify(await s.flush(1)),
        'flush after shutdown tells another result',
      );
      const { requests } = s.queue.stats();
      await s.seconds(10);
      s.check(s.queue.stats().requests === requests, 'it still sends');
    },
    expected: { dropped: { closed: 15 } },
  },
];
