import type { Observable } from 'rxjs';
import type {
  Batch,
  Clock,
  DestinationState,
  LaneName,
  QueueRecord,
  Settlement,
  Transport,
  TransportStats,
} from '../queue/index.js';
import { BodyLimit } from './body-limit.js';
import {
  type DestinationFailure,
  DestinationGates,
  type LanePass,
} from './destination-gates.js';
import {
  type Http,
  HttpClient,
  type HttpRequest,
  type HttpResult,
} from './http-client.js';
import type { GateFailure } from './gate.js';
import { type Decision, judge, type Outcome } from './outcome.js';
import { type Destination, RequestBuilder } from './request-builder.js';
import { halves, shrunk } from './smaller-parts.js';
import { readTaken, type Verdict } from './verdict.js';

/** Settings of the transport. */
export interface LangfuseTransportSettings {
  readonly destination: Destination;
  /** For one request: connecting, sending and reading together. */
  readonly timeoutMs: number;
}

/** What the transport works with. */
export interface LangfuseTransportDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly http?: Http;
}

/**
 * Delivers batches to a Langfuse server. A request is built once and sent again,
 * byte for byte, for as long as the fault lies with the destination. When it
 * lies with the data, the batch is halved until the bad record stands alone.
 */
export class LangfuseTransport implements Transport {
  readonly state$: Observable<DestinationState>;
  private readonly requests: RequestBuilder;
  private readonly http: Http;
  private readonly gates: DestinationGates;
  private readonly limits: { readonly [name in LaneName]: BodyLimit } = {
    spans: new BodyLimit(),
    scores: new BodyLimit(),
  };
  /** Lanes whose route is known to take requests: a 400 is about the data. */
  private readonly proven = new Set<LaneName>();
  private readonly closing = new AbortController();
  private readonly counts = { requests: 0, retries: 0, resentAfterUnknown: 0 };
  private projectId: string | undefined;

  constructor(
    private readonly settings: LangfuseTransportSettings,
    { clock, random, http }: LangfuseTransportDependencies,
  ) {
    this.requests = new RequestBuilder(settings.destination);
    this.http = http ?? new HttpClient(clock);
    const probe = (lane: LaneName) => this.probe(lane, this.closing.signal);
    const closing = this.closing.signal;
    this.gates = new DestinationGates({ clock, random, probe, closing });
    this.state$ = this.gates.state$;
  }

  get stats(): TransportStats {
    return { ...this.counts };
  }

  isFree(lane: LaneName): boolean {
    return this.gates.isFree(lane);
  }

  async send(
    { lane, records }: Batch,
    signal: AbortSignal,
  ): Promise<Settlement> {
    let delivered = 0;
    let rejected = 0;
    let cause: string | undefined;
    // A stack: what is halved is decided about before what comes after it.
    const parts = this.limits[lane].split(records).toReversed();
    for (let part = parts.pop(); part; part = parts.pop()) {
      if (signal.aborted) break;
      const verdict = await this.deliver(lane, part, signal);
      if (verdict === undefined) break;
      if (verdict.kind === 'taken') {
        delivered += verdict.delivered;
        rejected += verdict.rejected;
        if (verdict.again.length > 0) parts.push([...verdict.again]);
      } else {
        const [first] = part;
        const smaller =
          part.length === 1 && first && verdict.kind === 'too-large'
            ? shrunk(first)
            : halves(part);
        if (smaller.length === 0) rejected += part.length;
        parts.push(...smaller);
      }
      if (rejected > 0) cause ??= verdict.cause;
    }
    return { delivered, rejected, ...(cause === undefined ? {} : { cause }) };
  }

  /**
   * The id of the project that the keys belong to, asked of the server once.
   * Undefined when it does not say.
   */
  async fetchProjectId(): Promise<string | undefined> {
    if (this.projectId !== undefined) return this.projectId;
    const request = this.requests.projects();
    const outcome = await this.exchange(request, this.closing.signal);
    if (outcome.kind === 'ok') {
      this.projectId = firstProjectId(outcome.answer.body);
    }
    return this.projectId;
  }

  hasten(): void {
    this.gates.hasten();
  }

  close(): void {
    this.closing.abort();
    this.http.close();
  }

  /**
   * Sends records until the server has decided about them. Undefined when
   * `signal` aborts before.
   */
  private async deliver(
    lane: LaneName,
    records: readonly QueueRecord[],
    signal: AbortSignal,
  ): Promise<Verdict | undefined> {
    const request = await this.requests.build(lane, records);
    let unknown = false;
    for (let attempt = 0; ; attempt++) {
      const pass = await this.gates.pass(lane, signal);
      if (pass === undefined) return undefined;
      if (attempt > 0) this.counts.retries += 1;
      if (unknown) this.counts.resentAfterUnknown += records.length;
      const outcome = await this.exchangeRecords(
        request,
        records.length,
        pass,
        signal,
      );
      if (outcome.kind === 'aborted') {
        pass.abandoned();
        return undefined;
      }
      if (outcome.kind === 'destination' || outcome.kind === 'config') {
        unknown = outcome.kind === 'destination' && outcome.unknown;
        pass.failed(this.failure(lane, outcome));
        continue;
      }
      const failure = await this.doubt(lane, outcome, pass, signal);
      if (failure) {
        unknown = false;
        pass.failed(failure);
        continue;
      }
      const verdict = this.decide(lane, outcome, records);
      if (verdict.kind === 'taken' && verdict.again.length > 0) {
        // The destination has just answered, so only this lane has to wait.
        pass.failed(
          this.failure(lane, {
            kind: 'destination',
            cause: 'HTTP 207 with errors of the server',
            concerns: 'lane',
          }),
        );
      } else {
        pass.succeeded();
      }
      return verdict;
    }
  }

  /**
   * A 400 before anything succeeded may be about the records, or about every
   * request of ours. One without records is asked to tell.
   */
  private async doubt(
    lane: LaneName,
    outcome: Decision,
    pass: LanePass,
    signal: AbortSignal,
  ): Promise<DestinationFailure | undefined> {
    if (outcome.kind !== 'payload' || this.proven.has(lane)) return undefined;
    // Another request has just had the same doubt, and found it justified.
    if (!pass.isCurrent()) {
      const { cause } = outcome;
      return this.failure(lane, { kind: 'config', cause, concerns: 'lane' });
    }
    const failure = await this.probe(lane, signal);
    if (failure === undefined) this.proven.add(lane);
    return failure;
  }

  private decide(
    lane: LaneName,
    outcome: Decision,
    records: readonly QueueRecord[],
  ): Verdict {
    const limit = this.limits[lane];
    switch (outcome.kind) {
      case 'ok':
        this.proven.add(lane);
        limit.accepted();
        return readTaken(lane, outcome.answer, records);
      case 'too-large':
        limit.refused(records);
        return outcome;
      case 'payload':
        return { kind: 'refused', cause: outcome.cause };
    }
  }

  /** Sends a request without records. Undefined when it is taken. */
  private async probe(
    lane: LaneName,
    signal: AbortSignal,
  ): Promise<DestinationFailure | undefined> {
    const shutdown = { kind: 'destination', cause: 'shutdown' } as const;
    if (signal.aborted) return this.failure(lane, shutdown);
    const request = await this.requests.probe(lane);
    const outcome = await this.exchange(request, signal);
    switch (outcome.kind) {
      case 'ok':
        return undefined;
      case 'destination':
      case 'config':
        return this.failure(lane, outcome);
      case 'aborted':
        return this.failure(lane, shutdown);
      case 'payload':
      case 'too-large':
        // There is no data in it that could be at fault.
        return this.failure(lane, {
          kind: 'config',
          cause: outcome.cause,
          concerns: 'lane',
        });
    }
  }

  private async exchange(
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<Outcome> {
    return judge(await this.sendOnce(request, signal));
  }

  /** As `exchange()`; a connection that was stale is replaced at once. */
  private async exchangeRecords(
    request: HttpRequest,
    records: number,
    pass: LanePass,
    signal: AbortSignal,
  ): Promise<Outcome> {
    let result = await this.sendOnce(request, signal);
    if (
      result.kind === 'failure' &&
      result.onStaleConnection &&
      pass.isCurrent()
    ) {
      this.counts.retries += 1;
      if (result.mayHaveArrived) this.counts.resentAfterUnknown += records;
      result = await this.sendOnce(request, signal);
    }
    return judge(result);
  }

  private sendOnce(
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpResult> {
    this.counts.requests += 1;
    const { timeoutMs } = this.settings;
    // Data is waited for by a flush, if by anybody; a question by who asked it.
    const inBackground = request.method === 'POST';
    return this.http.send(request, { timeoutMs, signal, inBackground });
  }

  private failure(
    lane: LaneName,
    failure: Omit<GateFailure, 'endpoint'> & {
      readonly concerns?: DestinationFailure['concerns'];
    },
  ): DestinationFailure {
    const endpoint = this.requests.endpoint(lane);
    return { concerns: 'destination', ...failure, endpoint };
  }
}

function firstProjectId(body: Buffer): string | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    const id = (answer as { data?: { id?: unknown }[] }).data?.[0]?.id;
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
