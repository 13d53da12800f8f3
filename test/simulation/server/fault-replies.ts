/** What each kind of fault makes of a request. */
import { type Fault, type FaultKind, SERVER_DATE } from '../plan/fault.js';
import type { Random } from '../plan/random.js';
import type { Langfuse } from './langfuse.js';
import { answer, failure, type Reply, undecided } from './reply.js';
import type { LaneName } from '../../../lib/queue/index.js';

/** A request that a fault strikes. */
export interface Struck {
  readonly fault: Fault;
  readonly lane: LaneName;
  readonly numbers: readonly number[];
  /** How long the answer takes, if one comes. */
  readonly afterMs: number;
  readonly random: Random;
  /** The server behind the fault. */
  readonly server: Langfuse;
}

type MakeReply = (struck: Struck) => Reply;

/** The reply to a request that a fault strikes. */
export function faultReply(struck: Struck): Reply {
  return REPLIES[struck.fault.kind](struck);
}

const REPLIES: { readonly [kind in FaultKind]: MakeReply } = {
  refused: ({ afterMs }) => broken('ECONNREFUSED', false, afterMs),
  'timeout-lost': ({ random }) =>
    broken('TIMEOUT', random.chance(0.5), Infinity),
  'timeout-taken': (struck) =>
    taking(struck, broken('TIMEOUT', true, Infinity)),
  'reset-lost': ({ afterMs }) => broken('ECONNRESET', true, afterMs),
  'reset-taken': (struck) =>
    taking(struck, broken('ECONNRESET', true, struck.afterMs)),
  'stale-connection'(struck) {
    const unknown = struck.random.chance(0.5);
    const result = {
      ...failure('ECONNRESET', unknown),
      onStaleConnection: true,
    };
    const reply = undecided(struck.afterMs, result, { kind: 'stale', unknown });
    return unknown ? taking(struck, reply) : reply;
  },
  status({ fault: { status, retryAfter }, afterMs }) {
    const result = answer(status, 'unwell', {
      date: SERVER_DATE,
      ...(retryAfter && { 'retry-after': retryAfter.header }),
    });
    return unwell(afterMs, result, retryAfter?.ms);
  },
  slow: ({ server, lane, numbers, fault }) =>
    server.reply(lane, numbers, fault.latencyMs),
  'too-large': ({ afterMs }) =>
    undecided(afterMs, answer(413, 'too large'), { kind: 'too-large' }),
  'scores-5xx': ({ server, numbers, afterMs, random }) =>
    server.replyById(numbers, afterMs, () => random.chance(0.3)),
  /** A collector on the way leaves out some, without saying which. */
  partial({ numbers, afterMs, random }) {
    const count = random.integer(1, numbers.length);
    const body = `{"partialSuccess":{"rejectedSpans":"${count}"}}`;
    return {
      ...undecided(afterMs, answer(200, body), { kind: 'taken' }),
      taken: numbers.slice(count),
      refused: numbers.slice(0, count),
    };
  },
  'all-refused': ({ numbers, afterMs, random }) =>
    undecided(afterMs, answer(random.pick([400, 422]), 'no'), {
      kind: numbers.length === 0 ? 'route-fails' : 'refused',
    }),
  unauthorized: ({ afterMs, random }) =>
    unwell(afterMs, answer(random.pick([401, 403]), '')),
  'not-found': ({ afterMs }) =>
    undecided(afterMs, answer(404, ''), { kind: 'route-fails' }),
  'web-page': ({ afterMs }) =>
    unwell(afterMs, answer(200, '', { 'content-type': 'text/html' })),
  redirect: ({ afterMs }) =>
    unwell(afterMs, answer(302, '', { location: 'https://elsewhere.invalid' })),
};

function broken(code: string, unknown: boolean, afterMs: number): Reply {
  return undecided(afterMs, failure(code, unknown), {
    kind: 'destination',
    unknown,
    waitMs: 0,
  });
}

function unwell(afterMs: number, result: Reply['result'], waitMs = 0): Reply {
  const meaning = { kind: 'destination', unknown: false, waitMs } as const;
  return undecided(afterMs, result, meaning);
}

/** The server takes what it can, but its answer is lost. */
function taking({ server, lane, numbers }: Struck, reply: Reply): Reply {
  const { taken } = server.reply(lane, numbers, 0);
  return { ...reply, taken };
}
