/** Faults below HTTP: connections, names, sockets. */
import { randomBytes } from 'node:crypto';
import {
  accept,
  dripBody,
  dripHead,
  firstly,
  inTurn,
  loseAnswer,
  refuse,
  resetMidAnswer,
  resetMidStatus,
  resetOnRequest,
  resetReused,
  stayMute,
  stopReading,
} from '../answers.js';
import { testName } from '../names.js';
import type { Row } from '../row.js';

/** Tries that an outage of a minute may cost, whatever chance does. */
const TRIES_IN_60_S = 15;
/** A byte each 300 ms of the rows' clock. */
const DRIP_MS = 15;

/** Text that compression hardly shrinks. */
const noise = (bytes: number) => randomBytes(bytes / 2).toString('hex');

export const networkRows: readonly Row[] = [
  {
    id: '1',
    fault: 'connection refused for 60 s, 100 records/s',
    run: async (s) => {
      s.start();
      await s.server.close();
      await s.load(100, 60);
      const { requests } = s.queue.stats();
      s.check(requests <= TRIES_IN_60_S, `${requests} tries in 60 s`);
      await s.flushInVain();
      await s.server.listen();
      await s.flushAll(120);
    },
    expected: {},
  },
  {
    id: '1b',
    fault: 'connection refused for 5 min, 10 records/s',
    speed: 60,
    run: async (s) => {
      s.start();
      await s.server.close();
      await s.load(10, 300);
      const { requests } = s.queue.stats();
      s.check(requests <= 35, `${requests} tries in 5 min`);
      await s.flushInVain(10);
      await s.server.listen();
      await s.flushAll(120);
    },
    expected: {},
  },
  {
    id: '2',
    fault: 'DNS: ENOTFOUND 30 s, EAI_AGAIN 30 s',
    run: async (s) => {
      const name = testName('ENOTFOUND');
      s.start({ baseUrl: `http://${name.host}:${s.server.port}` });
      await s.load(10, 30);
      name.resolution = 'EAI_AGAIN';
      await s.load(10, 30);
      s.check(name.lookups <= TRIES_IN_60_S, `${name.lookups} look-ups`);
      await s.flushInVain();
      name.resolution = [{ address: '127.0.0.1', family: 4 }];
      await s.flushAll(120);
    },
    expected: {},
  },
  {
    id: '4',
    fault: 'accepts, never answers, twice',
    run: async (s) => {
      s.server.behave(firstly(2, stayMute, accept));
      s.spans(100);
      await s.flushInVain();
      await s.flushAll();
    },
    expected: { requests: 5 },
  },
  {
    id: '4b',
    fault: 'never answers at all, then shutdown',
    run: async (s) => {
      s.server.behave(stayMute);
      s.spans(100);
      s.scores(10);
      await s.flushInVain(5);
      await s.flushInVain(45);
      await s.shutdown(5);
    },
    expected: { dropped: { shutdown_deadline: 110 } },
  },
  {
    id: '5',
    fault: '200, then its body byte by byte',
    run: async (s) => {
      s.server.behave(dripBody(DRIP_MS));
      s.spans(100);
      await s.flushAll(60);
    },
    expected: { requests: 1 },
  },
  {
    id: '5b',
    fault: 'the answer’s head byte by byte, once',
    run: async (s) => {
      s.server.behave(inTurn(dripHead(DRIP_MS), accept));
      s.spans(100);
      await s.flushInVain();
      await s.flushAll();
    },
    expected: {},
  },
  {
    id: '5c',
    fault: '200 and a dripping body, shutdown meanwhile',
    speed: 5,
    run: async (s) => {
      s.server.behave(dripBody(DRIP_MS));
      s.spans(100);
      await s.shutdown(5);
    },
    expected: { requests: 1 },
  },
  {
    id: '5d',
    fault: 'a dripping head, shutdown meanwhile',
    run: async (s) => {
      s.server.behave(dripHead(DRIP_MS));
      s.spans(100);
      await s.flushInVain();
      await s.shutdown(5);
    },
    expected: { dropped: { shutdown_deadline: 100 } },
  },
  {
    id: '6',
    fault: 'RST within the request’s body, twice',
    options: { compression: 'none' },
    run: async (s) => {
      s.server.behave(firstly(2, resetOnRequest, accept));
      s.spans(20, { input: noise(100_000) });
      await s.flushAll();
    },
    expected: {},
  },
  {
    id: '6b',
    fault: 'RST within the answer’s status line',
    run: async (s) => {
      s.server.behave(inTurn(resetMidStatus, accept));
      s.spans(100);
      await s.flushAll();
    },
    expected: {},
  },
  {
    id: '6c',
    fault: 'RST after a 2xx head',
    run: async (s) => {
      s.server.behave(resetMidAnswer);
      s.spans(100);
      await s.flushAll();
      s.spans(100);
      await s.flushAll();
    },
    expected: { requests: 2 },
  },
  {
    id: '7',
    fault: 'RST of a reused idle socket',
    run: async (s) => {
      s.server.behave(resetReused);
      for (let i = 0; i < 3; i++) {
        s.spans(100);
        await s.flushAll(30);
      }
      s.check(s.log.length === 0, `logged as a failure: ${s.log[0]}`);
    },
    expected: {},
  },
  {
    id: '8',
    fault: 'takes the data, the answer is lost',
    run: async (s) => {
      s.server.behave(inTurn(loseAnswer, accept));
      s.spans(100);
      await s.flushAll();
    },
    expected: { duplicates: 100 },
  },
  {
    id: '8b',
    fault: 'the same on a reused socket',
    run: async (s) => {
      s.server.behave(inTurn(accept, loseAnswer, accept));
      s.spans(100);
      await s.flushAll();
      s.spans(100);
      await s.flushAll();
    },
    expected: { duplicates: 100 },
  },
  {
    id: '8c',
    fault: 'takes the data and never answers, once',
    run: async (s) => {
      const takeAndSayNothing = inTurn((exchange) => {
        exchange.take();
      }, accept);
      s.server.behave(takeAndSayNothing);
      s.spans(100);
      await s.flushAll();
    },
    expected: { duplicates: 100 },
  },
  {
    id: '9',
    fault: 'half-open: nothing is read any more',
    options: { compression: 'none' },
    run: async (s) => {
      s.server.behave(inTurn(stopReading, accept));
      s.spans(6, { input: noise(500_000) });
      await s.flushInVain();
      await s.flushAll();
    },
    expected: {},
  },
  {
    id: '10',
    fault: 'IPv6 broken, IPv4 fine',
    run: async (s) => {
      const { host } = testName([
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ]);
      s.start({ baseUrl: `http://${host}:${s.server.port}` });
      s.spans(100);
      await s.flushAll(30);
      s.check(s.log.length === 0, `logged as a failure: ${s.log[0]}`);
    },
    expected: { requests: 1 },
  },
  {
    id: '11',
    fault: 'half of all requests fail, 10 min',
    speed: 100,
    run: async (s) => {
      let turn = 0;
      const faults = [refuse(500), loseAnswer, refuse(503), loseAnswer];
      const random = pseudoRandom(11);
      s.server.behave((exchange) => {
        const fault = faults[turn++ % faults.length] ?? accept;
        return random() < 0.5 ? accept(exchange) : fault(exchange);
      });
      await s.load(20, 600);
      await s.flushAll(300);
    },
    // Bounded by those that the client counts as possible.
    expected: { duplicates: Infinity },
  },
];

/** A linear congruential generator: the same faults in each run. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
