/** Bugs to plant, each of which the checks have to notice. */
import type { Http, HttpResult } from '../../lib/deliver/http-client.js';
import type { Batch, Settlement, Transport } from '../../lib/queue/index.js';
import { answer } from './server/reply.js';
import { readRequest } from './server/simulated-records.js';
import type { Sabotage } from './simulate.js';

/** A bug, and the invariant that it breaks. */
interface PlantedBug {
  readonly bug: string;
  readonly invariant: string;
  readonly sabotage: Sabotage;
}

type Send = Transport['send'];

/** Each is noticed in the first hundred seeds. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    bug: 'a record that is lost and called delivered',
    invariant: 'I4',
    sabotage: sending(async (batch, signal, send) => {
      const records = batch.records.slice(1);
      const settlement = await send({ ...batch, records }, signal);
      return { ...settlement, delivered: settlement.delivered + 1 };
    }),
  },
  {
    bug: 'a batch that is sent again after its answer',
    invariant: 'I4',
    sabotage: sending(async (batch, signal, send) => {
      await send(batch, signal);
      return send(batch, signal);
    }),
  },
  {
    bug: 'bytes that are sent after their release',
    invariant: 'I4',
    sabotage: sending((batch, signal, send) => {
      for (const record of batch.records) record.release?.();
      return send(batch, signal);
    }),
  },
  {
    bug: 'a destination that is never free again',
    invariant: 'I12',
    sabotage: {
      transport: (transport) =>
        changed(transport, {
          isFree: (lane) =>
            transport.stats.retries === 0 && transport.isFree(lane),
        }),
    },
  },
  {
    bug: 'a shutdown that ends no request',
    invariant: 'I11',
    sabotage: sending((batch, _, send) =>
      send(batch, new AbortController().signal),
    ),
  },
  {
    bug: 'a bad record that is called delivered',
    invariant: 'I1',
    sabotage: sending(async (batch, signal, send) => {
      const { delivered, rejected } = await send(batch, signal);
      return { delivered: delivered + rejected, rejected: 0 };
    }),
  },
  {
    bug: 'a Retry-After that nobody reads',
    invariant: 'I6',
    sabotage: exchanging(async (send) => {
      const result = await send();
      return result.kind === 'answer' ? { ...result, headers: {} } : result;
    }),
  },
  {
    bug: 'two probes at once',
    invariant: 'I3',
    sabotage: exchanging((send, isProbe) => {
      if (isProbe) void send();
      return send();
    }),
  },
  {
    bug: 'a refusal of all that nobody asks about',
    invariant: 'I7',
    sabotage: exchanging((send, isProbe) =>
      isProbe ? Promise.resolve(TAKEN) : send(),
    ),
  },
];

const TAKEN = answer(200, '{}');

/** A transport whose `send()` does something else. */
export function sending(
  instead: (
    batch: Batch,
    signal: AbortSignal,
    send: Send,
  ) => Promise<Settlement>,
): Sabotage {
  return {
    transport: (transport) =>
      changed(transport, {
        send: (batch, signal) =>
          instead(batch, signal, (other, given) =>
            transport.send(other, given),
          ),
      }),
  };
}

/** A transport whose requests go another way. */
function exchanging(
  instead: (
    send: () => Promise<HttpResult>,
    isProbe: boolean,
  ) => Promise<HttpResult>,
): Sabotage {
  return {
    http: (http: Http) => ({
      send(request, options) {
        const isProbe = readRequest(request).numbers.length === 0;
        return instead(() => http.send(request, options), isProbe);
      },
      close: () => http.close(),
    }),
  };
}

/** A transport of which one member does something else. */
function changed(
  transport: Transport,
  members: Partial<Pick<Transport, 'isFree' | 'send'>>,
): Transport {
  return {
    isFree: (lane) => transport.isFree(lane),
    state$: transport.state$,
    get stats() {
      return transport.stats;
    },
    send: (batch, signal) => transport.send(batch, signal),
    hasten: () => transport.hasten(),
    close: () => transport.close(),
    ...members,
  };
}
