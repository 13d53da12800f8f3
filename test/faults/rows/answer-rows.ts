/** Answers of which not only the status matters, or only the status. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  accept,
  acceptWith,
  byLane,
  endlessBody,
  firstly,
  inTurn,
  judgeScores,
} from '../answers.js';
import type { Row } from '../row.js';

/** What the systems between two sockets may buffer, generously. */
const BUFFERS_BYTES = 16 * 1024 * 1024;

/** `ExportTraceServiceResponse { partial_success { 1: rejected, 2: text } }` */
function partialSuccess(rejected: number, text: string): Uint8Array {
  const message = [8, rejected, 18, text.length, ...Buffer.from(text)];
  return Uint8Array.from([10, message.length, ...message]);
}

function partly(
  id: string,
  kind: string,
  headers: object,
  body: string | Uint8Array,
): Row {
  return {
    id,
    fault: `200, partialSuccess of 3 rejected (${kind})`,
    run: async (s) => {
      s.server.behave((exchange) => {
        exchange.take(exchange.records.slice(3));
        exchange.answer(200, { headers: { ...headers }, body });
      });
      s.spans(100);
      await s.flushAll();
    },
    expected: { dropped: { rejected: 3 }, requests: 1 },
  };
}

function endless(id: string, status: number): Row {
  return {
    id,
    fault: `${status} with an endless body`,
    run: async (s) => {
      let sent = 0;
      const count = (bytes: number) => void (sent += bytes);
      const fault = endlessBody(status, {}, count);
      s.server.behave(status < 300 ? fault : inTurn(fault, accept));
      s.spans(100);
      await s.flushAll(60);
      s.check(sent < BUFFERS_BYTES, `${sent} bytes were read`);
      const [first] = s.server.exchanges;
      await s.until('the client goes on reading', () => {
        return first?.socket.destroyed === true;
      });
    },
    expected: { requests: status < 300 ? 1 : 3 },
  };
}

export const answerRows: readonly Row[] = [
  {
    id: '23',
    fault: '207: 5 × 400, 5 × 500 once, 5 × 429 once, of 30 scores',
    run: async (s) => {
      let first = true;
      s.server.behave((exchange) => {
        const statuses = first ? { bad: 400, broken: 500, limited: 429 } : {};
        if (!exchange.isProbe) first = false;
        judgeScores(
          ({ name }) => statuses[name as keyof typeof statuses] ?? 201,
        )(exchange);
      });
      for (const name of ['bad', 'broken', 'limited']) {
        s.scores(5, 'helpful');
        s.scores(5, name);
      }
      await s.flushAll();
      const [, second] = s.server.exports;
      const again = new Set(second?.records.map(({ name }) => name));
      s.check(
        [...again].toSorted().join() === 'broken,limited' &&
          second?.records.length === 10,
        `sent again: ${[...again].join()}`,
      );
    },
    expected: { dropped: { rejected: 5 } },
  },
  {
    id: '23b',
    fault: '207 with garbage: its status counts',
    run: async (s) => {
      s.server.behave(byLane(accept, acceptWith({ body: '{"succ' }, 207)));
      s.scores(30);
      await s.flushAll();
    },
    expected: { requests: 1 },
  },
  partly(
    '24',
    'JSON',
    {},
    '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}',
  ),
  partly(
    '24b',
    'protobuf',
    { 'content-type': 'application/x-protobuf' },
    partialSuccess(3, 'too old'),
  ),
  {
    id: '24c',
    fault: '200, partialSuccess as a warning: none rejected',
    run: async (s) => {
      const body = '{"partialSuccess":{"errorMessage":"soon deprecated"}}';
      s.server.behave(acceptWith({ body }));
      s.spans(100);
      await s.flushAll();
    },
    expected: { requests: 1 },
  },
  {
    id: '25',
    fault: '2xx with a job, nothing, garbage, null, no type',
    run: async (s) => {
      const bodies = ['{"id":"1","data":{}}', '', '{"par', 'null', '[]', '"'];
      for (const body of bodies) {
        s.server.behave(acceptWith({ body }));
        s.spans(20);
        await s.flushAll();
      }
      for (const status of [201, 202, 204]) {
        s.server.behave(
          acceptWith({ headers: { 'content-type': '' } }, status),
        );
        s.spans(20);
        await s.flushAll();
      }
    },
    expected: { requests: 9 },
  },
  {
    id: '27',
    fault: '200 with a gzip bomb (100 MB in 100 kB)',
    run: async (s) => {
      const headers = { 'content-encoding': 'gzip' };
      const body = await promisify(gzip)(Buffer.alloc(100_000_000));
      s.server.behave(acceptWith({ headers, body }));
      s.spans(100);
      await s.flushAll();
    },
    expected: { requests: 1 },
  },
  endless('27b', 200),
  endless('27c', 503),
  {
    id: '27d',
    fault: '200 with 6 MB',
    run: async (s) => {
      const body = JSON.stringify('x'.repeat(6_000_000));
      s.server.behave(firstly(2, acceptWith({ body }), accept));
      s.spans(100);
      await s.flushAll();
      s.spans(100);
      await s.flushAll();
    },
    expected: { requests: 2 },
  },
];
