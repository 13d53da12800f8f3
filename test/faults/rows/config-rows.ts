/** Faults that only a person can mend: the data waits for them. */
import { accept, acceptWith, byLane, refuse } from '../answers.js';
import { PUBLIC_KEY, SECRET_KEY } from '../audit.js';
import type { Exchange } from '../exchange.js';
import { FaultServer, type Fault } from '../fault-server.js';
import type { Row } from '../row.js';
import type { Stage } from '../stage.js';

/** Requests within the first two minutes. */
const TRIES_IN_2_MIN = 8;

/** The fault for two minutes, one line that says what to do, then it is over. */
async function holds(s: Stage, fault: Fault, advice: RegExp): Promise<void> {
  s.server.behave(fault);
  s.spans(100);
  s.scores(10);
  await s.flushInVain(10);
  await s.seconds(110);
  const { requests } = s.queue.stats();
  s.check(requests <= TRIES_IN_2_MIN, `${requests} requests in 2 min`);
  const [line, ...more] = s.log;
  s.check(advice.test(line ?? ''), `no advice in the log: ${line}`);
  // A route that does not exist is a matter of each lane.
  const others = /HTTP 40[45]/.test(line ?? '') ? 1 : 0;
  s.check(more.length <= others, `further lines: ${more.join(' | ')}`);
  s.server.behave(accept);
  await s.flushAll(700);
}

const held = (id: string, fault: string, by: Fault, advice: RegExp): Row => ({
  id,
  fault,
  speed: 60,
  run: (s) => holds(s, by, advice),
  expected: {},
});

function basic(publicKey: string, secretKey: string): string {
  const text = `${publicKey}:${secretKey}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function redirect(id: string, status: number): Row {
  return {
    id,
    fault: `${status} to another origin for 2 min`,
    speed: 60,
    run: async (s) => {
      const elsewhere = await FaultServer.start();
      const location = `${elsewhere.url}/login?token=hidden`;
      await holds(
        s,
        refuse(status, { headers: { location } }),
        new RegExp(`error: .*${elsewhere.url}`),
      );
      const { connections } = elsewhere;
      await elsewhere.close();
      s.check(connections === 0, 'the redirect was followed');
      s.check(!s.log.join().includes('hidden'), 'the token is in the log');
    },
    expected: {},
  };
}

export const configRows: readonly Row[] = [
  held('21', '401 for 2 min', refuse(401), /error: .*401.*publicKey/),
  {
    id: '21b',
    fault: '401, then the key is replaced; no restart',
    speed: 60,
    run: async (s) => {
      const isNew = ({ head }: Exchange) =>
        head.headers.get('authorization') === basic(PUBLIC_KEY, 'sk-lf-new');
      s.server.behave((exchange) =>
        (isNew(exchange) ? accept : refuse(401))(exchange),
      );
      let secretKey = SECRET_KEY;
      s.start({
        credentials: () =>
          Promise.resolve({ publicKey: PUBLIC_KEY, secretKey }),
      });
      s.spans(100);
      s.scores(10);
      await s.flushInVain(10);
      secretKey = 'sk-lf-new';
      await s.flushAll(700);
      s.check(!s.log.join().includes('sk-lf'), 'a key is in the log');
    },
    expected: {},
  },
  {
    id: '21c',
    fault: 'the function that gives the keys fails for 2 min',
    speed: 60,
    run: async (s) => {
      const keys = { publicKey: PUBLIC_KEY, secretKey: SECRET_KEY };
      let calls = 0;
      let isBroken = true;
      s.start({
        credentials: () => {
          calls += 1;
          if (isBroken) throw new TypeError(`cannot read ${SECRET_KEY}`);
          return keys;
        },
      });
      s.spans(100);
      await s.flushInVain(110);
      const advice = /error: .*option credentials: it threw TypeError/;
      s.check(
        s.log.some((line) => advice.test(line)),
        s.log.join(' | '),
      );
      s.check(calls <= TRIES_IN_2_MIN, `${calls} calls in 2 min`);
      isBroken = false;
      await s.flushAll(700);
    },
    expected: {},
  },
  {
    id: '20c',
    fault: '400 for everything, after a success',
    speed: 60,
    run: async (s) => {
      s.spans(100);
      await s.flushAll(10);
      const requests = () => s.queue.stats().requests;
      const before = requests();
      s.server.behave(refuse(400));
      s.spans(100);
      await s.flushInVain(10);
      // The batch, its first half, and a request without data.
      s.check(requests() - before === 3, `${requests() - before} requests`);
      s.server.behave(accept);
      await s.flushAll(700);
    },
    expected: {},
  },
  held('22', '403: ingestion suspended, 2 min', refuse(403), /error: .*403/),
  held('22b', '405 for 2 min', refuse(405), /error: .*405/),
  {
    id: '22c',
    fault: '404 for spans; scores go through',
    speed: 60,
    run: async (s) => {
      s.server.behave(byLane(refuse(404), accept));
      s.spans(100);
      await s.failing();
      s.scores(10);
      await s.flushInVain(10);
      const { delivered } = s.queue.stats().lanes.scores;
      s.check(delivered === 10, 'scores wait for the spans');
      s.server.behave(accept);
      await s.flushAll(700);
    },
    expected: {},
  },
  held(
    '26',
    '200 text/html (login page) for 2 min',
    refuse(200, {
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<html>Please log in</html>',
    }),
    /error: .*web page/,
  ),
  redirect('28', 307),
  redirect('28b', 301),
  {
    id: '28c',
    fault: '200 text/plain: "OK"',
    run: async (s) => {
      const headers = { 'content-type': 'text/plain' };
      s.server.behave(acceptWith({ headers, body: 'OK' }));
      s.spans(100);
      await s.flushAll();
    },
    expected: { requests: 1 },
  },
];
