/** A scripted Langfuse behind a scripted network, in place of real HTTP. */
import type {
  Http,
  HttpRequest,
  HttpResult,
  SendOptions,
} from '../../../lib/deliver/http-client.js';
import type { Clock, LaneName } from '../../../lib/queue/index.js';
import type { Breaches } from '../checks/breaches.js';
import { DestinationWatch } from '../checks/destination-watch.js';
import type { Plan } from '../plan/plan.js';
import type { Random } from '../plan/random.js';
import { faultReply } from './fault-replies.js';
import { FaultSchedule } from './fault-schedule.js';
import { Langfuse } from './langfuse.js';
import { RecordFates } from './record-fates.js';
import { failure, inTime, type Reply } from './reply.js';
import { RouteHistory } from './route-history.js';
import { readRequest } from './simulated-records.js';

/** The server and the network of one run. */
export class SimulatedServer implements Http {
  requests = 0;
  /** Replies that a fault changed. */
  faultyReplies = 0;
  isClosed = false;
  private readonly routes: { readonly [name in LaneName]: RouteHistory } = {
    spans: new RouteHistory(),
    scores: new RouteHistory(),
  };
  private readonly langfuse: Langfuse;
  private readonly faults: FaultSchedule;
  private readonly watch: DestinationWatch;
  /** When a body's connection was found stale: it may come again at once. */
  private readonly staleAt = new WeakMap<HttpRequest['body'], number>();
  private readonly underWay = new AbortListeners();

  constructor(
    private readonly plan: Plan,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly breaches: Breaches,
    readonly fates = new RecordFates(breaches),
  ) {
    const { maxConcurrency } = plan.settings;
    this.langfuse = new Langfuse(plan);
    this.faults = new FaultSchedule(plan.faults);
    this.watch = new DestinationWatch(maxConcurrency, clock, breaches);
  }

  /** Scheduled faults that struck at least one request. */
  get faultsStruck(): number {
    return this.faults.struck;
  }

  send(
    request: HttpRequest,
    { signal, timeoutMs }: SendOptions,
  ): Promise<HttpResult> {
    const { body, headers } = request;
    if (signal.aborted) return Promise.resolve(ABORTED);
    const { clock, fates } = this;
    this.breaches.check(
      !this.isClosed,
      'I11',
      () => `a request after shutdown, at ${clock.now()} ms`,
    );
    const { lane, numbers } = readRequest(request);
    const route = this.routes[lane];
    const isResent = this.staleAt.get(body) === clock.now();
    this.requests += 1;
    fates.sent(numbers);
    const endOnRoute = route.send(numbers, clock.now());
    const exchange = this.watch.begin(lane, numbers.length > 0, isResent);
    const bytes = Number(headers['content-length']);
    const reply = inTime(this.reply(lane, numbers, bytes, isResent), timeoutMs);
    const { result, meaning } = reply;
    fates.taken(reply.taken);
    return new Promise((resolve) => {
      const abort = () => {
        timer.cancel();
        exchange.end({ kind: 'aborted' });
        resolve(ABORTED);
      };
      const timer = clock.after(reply.afterMs, () => {
        this.underWay.remove(signal, abort);
        this.tellFates(numbers, reply);
        fates.refused(endOnRoute(meaning, clock.now()));
        if (meaning.kind === 'refused') {
          fates.refused(route.refused(numbers, clock.now()));
        }
        if (meaning.kind === 'stale') this.staleAt.set(body, clock.now());
        exchange.end(meaning);
        resolve(result);
      });
      this.underWay.add(signal, abort);
    });
  }

  close(): void {
    this.isClosed = true;
  }

  private reply(
    lane: LaneName,
    numbers: readonly number[],
    bytes: number,
    isResent: boolean,
  ): Reply {
    const { langfuse, random } = this;
    const afterMs = this.plan.latencyMs * (0.5 + random.next());
    const shape = { lane, count: numbers.length, bytes };
    const fault = this.faults.strike(this.clock.now(), shape);
    // What is sent again at once goes over a new connection.
    if (!fault || (fault.kind === 'stale-connection' && isResent)) {
      return langfuse.reply(lane, numbers, afterMs);
    }
    this.faultyReplies += 1;
    const server = langfuse;
    return faultReply({ fault, lane, numbers, afterMs, random, server });
  }

  /** The client gets the reply: from here on it knows. */
  private tellFates(numbers: readonly number[], reply: Reply): void {
    const { result, meaning, taken, refused } = reply;
    if ('unknown' in meaning && meaning.unknown) this.fates.unknown(numbers);
    if (result.kind === 'failure') return;
    this.fates.acknowledged(taken);
    if (meaning.kind === 'refused') this.fates.bad(refused);
    else this.fates.refused(refused);
  }
}

const ABORTED = failure('ABORTED', true);

/**
 * Who waits for which signal. A run has three signals and hundreds of requests,
 * and adding a listener to a signal takes longer than all else here.
 */
class AbortListeners {
  private readonly bySignal = new Map<AbortSignal, Set<() => void>>();

  add(signal: AbortSignal, listener: () => void): void {
    let listeners = this.bySignal.get(signal);
    if (!listeners) {
      const added = new Set<() => void>();
      signal.addEventListener('abort', () => {
        for (const each of added) each();
      });
      this.bySignal.set(signal, added);
      listeners = added;
    }
    listeners.add(listener);
  }

  remove(signal: AbortSignal, listener: () => void): void {
    this.bySignal.get(signal)?.delete(listener);
  }
}
