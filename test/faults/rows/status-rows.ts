/** A server that is unwell, and says so by its status. */
import { accept, firstly, inTurn, refuse } from '../answers.js';
import type { Row } from '../row.js';
import type { Stage } from '../stage.js';

/** Node's timers round by a millisecond of real time, at either end. */
const ROUNDING_MS = 2;
const HOUR_MS = 3_600_000;
const PAGE = {
  headers: { 'content-type': 'text/html' },
  body: `<html>${'<p>Bad Gateway'.repeat(20_000)}</html>`,
};

const retryAfter = (value: string, status = 503) =>
  refuse(status, { headers: { 'retry-after': value } });

/** The pause after the first answer, in seconds, is at least and at most this. */
function checkPause(s: Stage, least: number, most: number): void {
  const [pause = 0] = s.pauses;
  const rounding = (ROUNDING_MS * s.clock.speed) / 1_000;
  s.check(
    pause >= least - rounding && pause <= most,
    `asked again after ${pause.toFixed(2)} s, expected ${least} to ${most}`,
  );
}

function skewed(id: string, hours: number): Row {
  return {
    id,
    fault: `503, Retry-After a date 5 s on, clocks ${hours} h apart`,
    run: async (s) => {
      s.server.behave(
        inTurn((exchange) => {
          const there = Date.now() + hours * HOUR_MS;
          refuse(503, {
            headers: {
              date: new Date(there).toUTCString(),
              'retry-after': new Date(there + 5_000).toUTCString(),
            },
          })(exchange);
        }, accept),
      );
      s.spans(100);
      await s.flushAll();
      checkPause(s, 5, 15);
    },
    expected: {},
  };
}

export const statusRows: readonly Row[] = [
  {
    id: '12',
    fault: '500 once',
    run: async (s) => {
      s.server.behave(inTurn(refuse(500), accept));
      s.spans(100);
      await s.flushAll();
    },
    expected: { requests: 3 },
  },
  {
    id: '12b',
    fault: '500 for 2 min, 50 records/s',
    run: async (s) => {
      s.server.behave(refuse(500));
      await s.load(50, 120);
      const { requests } = s.queue.stats();
      s.check(requests <= 20, `${requests} tries in 2 min`);
      await s.flushInVain();
      s.server.behave(accept);
      await s.flushAll(120);
    },
    expected: {},
  },
  {
    id: '13',
    fault: '502 with a large page of HTML, 3 times',
    run: async (s) => {
      s.server.behave(firstly(3, refuse(502, PAGE), accept));
      s.spans(100);
      await s.flushAll();
      s.check(!s.log.join().includes('<p>'), 'the page is in the log');
    },
    expected: { requests: 5 },
  },
  {
    id: '13b',
    fault: '408, 504, 520 to 526, one after the other',
    run: async (s) => {
      const statuses = [504, 520, 521, 522, 523, 524, 525, 526];
      s.server.behave(
        inTurn(
          refuse(408, PAGE),
          ...statuses.map((status) => refuse(status, PAGE)),
          accept,
        ),
      );
      s.spans(100);
      await s.flushAll();
    },
    expected: { requests: 11 },
  },
  {
    id: '14',
    fault: '503, Retry-After: 7',
    run: async (s) => {
      s.server.behave(inTurn(retryAfter('7'), accept));
      s.spans(100);
      await s.flushAll();
      checkPause(s, 7, 17);
    },
    expected: { requests: 3 },
  },
  skewed('15', 1),
  skewed('15b', -1),
  {
    id: '16',
    fault: 'Retry-After: -5, soon, 1e3, NaN, nothing',
    run: async (s) => {
      const [first = '', ...others] = ['-5', 'soon', '1e3', 'NaN', ''];
      s.server.behave(
        inTurn(
          retryAfter(first),
          ...others.map((value) => retryAfter(value)),
          accept,
        ),
      );
      s.spans(100);
      await s.flushAll(200);
    },
    expected: { requests: 7 },
  },
  {
    id: '16b',
    fault: 'Retry-After: 1000000000000',
    speed: 300,
    options: { timeout: 600 },
    run: async (s) => {
      s.server.behave(inTurn(retryAfter('1000000000000'), accept));
      s.spans(100);
      await s.flushAll(1_200);
      checkPause(s, 800, 1_100);
    },
    expected: { requests: 3 },
  },
  {
    id: '16c',
    fault: 'two Retry-After headers, 6 and 9',
    run: async (s) => {
      s.server.behave(inTurn(retryAfter('6\r\nretry-after: 9'), accept));
      s.spans(100);
      await s.flushAll();
      checkPause(s, 6, 20);
    },
    expected: { requests: 3 },
  },
  {
    id: '17',
    fault: '429 for 1 min, Retry-After: 20, both lanes',
    run: async (s) => {
      s.server.behave(retryAfter('20', 429));
      s.spans(100);
      await s.failing();
      s.scores(50);
      await s.load(10, 60);
      await s.flushInVain();
      const { pauses } = s;
      s.server.behave(accept);
      await s.flushAll(120);
      const early = pauses.filter((pause) => pause < 19.9);
      s.check(
        early.length === 0,
        `asked after ${early.join()} s instead of 20`,
      );
    },
    expected: {},
  },
];
