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
  type Probe,
} from './destination-gates.js';
import type { GateFailure } from './gate.js';
import { type Http, HttpClient } from './http-client.js';
import type { Decision } from './outcome.js';
import type { ProjectAnswer } from './project-answer.js';
import { Refusals, RouteProof } from './route-proof.js';
import { ServerClient, type ServerClientSettings } from './server-client.js';
import { CutRecords, halves } from './smaller-parts.js';
import { readTaken, type Verdict } from './verdict.js';

/** Settings of the transport. */
export type LangfuseTransportSettings = ServerClientSettings;

/** What the transport works with. */
export interface LangfuseTransportDependencies {
  readonly clock: Clock;
  readonly random: () => number;
  readonly http?: Http;
}

/** What the server has shown of the route of one lane. */
interface Route {
  readonly proof: RouteProof;
  readonly limit: BodyLimit;
}

/**
 * Delivers batches to a Langfuse server. A request is built once and sent again,
 * byte for byte, for as long as the fault lies with the destination. When it
 * lies with the data, the batch is halved until the bad record stands alone.
 */
export class LangfuseTransport implements Transport {
  readonly state$: Observable<DestinationState>;
  private readonly server: ServerClient;
  private readonly serverAt: (baseUrl: string) => ServerClient;
  private readonly gates: DestinationGates;
  private readonly routes: { readonly [name in LaneName]: Route } = {
    spans: { proof: new RouteProof(), limit: new BodyLimit() },
    scores: { proof: new RouteProof(), limit: new BodyLimit() },
  };
  private readonly closing = new AbortController();

  constructor(
    settings: LangfuseTransportSettings,
    {
      clock,
      random,
      http = new HttpClient(clock),
    }: LangfuseTransportDependencies,
  ) {
    this.server = new ServerClient(settings, http, clock);
    this.serverAt = (baseUrl) => {
      // Headers that were meant for one server are no business of another.
      const other = { ...settings.destination, baseUrl, additionalHeaders: {} };
      return new ServerClient({ ...settings, destination: other }, http, clock);
    };
    const probe: Probe = (lane, mayGoOn) =>
      this.probe(lane, mayGoOn, this.closing.signal);
    const closing = this.closing.signal;
    this.gates = new DestinationGates({ clock, random, probe, closing });
    this.state$ = this.gates.state$;
  }

  get stats(): TransportStats {
    return { ...this.server.counts };
  }

  isFree(lane: LaneName): boolean {
    return this.gates.isFree(lane);
  }

  async send(
    { lane, records }: Batch,
    signal: AbortSignal,
  ): Promise<Settlement> {
    const { proof, limit } = this.routes[lane];
    const refusals = new Refusals(proof);
    const refused: QueueRecord[] = [];
    const cut = new CutRecords();
    let delivered = 0;
    let rejected = 0;
    let cause: string | undefined;
    // A stack: what is halved is decided about before what comes after it.
    const parts = limit.split(records).toReversed();
    for (
      let part = parts.at(-1);
      part && !signal.aborted;
      part = parts.at(-1)
    ) {
      const verdict = await this.deliver(lane, part, refusals, signal);
      if (verdict === undefined) break;
      parts.pop();
      if (verdict.kind === 'taken') {
        delivered += verdict.delivered;
        rejected += verdict.rejected;
        refused.push(...verdict.refused);
        if (verdict.again.length > 0) parts.push([...verdict.again]);
      } else {
        const [first] = part;
        const smaller =
          part.length === 1 && first && verdict.kind === 'too-large'
            ? cut.shrunk(first)
            : halves(part);
        if (smaller.length === 0) {
          rejected += part.length;
          refused.push(...part);
        }
        parts.push(...smaller);
      }
      if (rejected > 0) cause ??= verdict.cause;
    }
    return {
      delivered,
      rejected,
      ...(cause === undefined ? {} : { cause }),
      refused: cut.originals(refused),
      rest: cut.originals(parts.toReversed().flat()),
    };
  }

  /** The id of the project that the keys belong to, if the server tells. */
  fetchProjectId(): Promise<string | undefined> {
    return this.server.fetchProjectId(this.closing.signal);
  }

  /**
   * Asks which project the keys belong to.
   *
   * @param otherUrl the server to ask in the place of the destination
   */
  askProject(otherUrl?: string): Promise<ProjectAnswer> {
    const server =
      otherUrl === undefined ? this.server : this.serverAt(otherUrl);
    return server.askProject(this.closing.signal);
  }

  hasten(): void {
    this.gates.hasten();
  }

  close(): void {
    this.closing.abort();
    this.server.close();
  }

  /**
   * Sends records until the server has decided about them. Undefined when
   * `signal` aborts before.
   */
  private async deliver(
    lane: LaneName,
    records: readonly QueueRecord[],
    refusals: Refusals,
    signal: AbortSignal,
  ): Promise<Verdict | undefined> {
    const { proof } = this.routes[lane];
    const { counts } = this.server;
    const request = await this.server.build(lane, records);
    let unknown = false;
    for (let attempt = 0; ; attempt++) {
      const pass = await this.gates.pass(lane, signal);
      if (pass === undefined) return undefined;
      if (attempt > 0) counts.retries += 1;
      if (unknown) counts.resentAfterUnknown += records.length;
      const number = proof.send();
      const outcome = await this.server.sendRecords(
        request,
        records.length,
        () => pass.isCurrent(),
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
      if (outcome.kind === 'ok') proof.taken(number);
      const failure =
        outcome.kind === 'payload' && refusals.isDoubtful(records.length)
          ? await this.doubt(lane, outcome.cause, pass, signal)
          : undefined;
      if (failure) {
        unknown = false;
        pass.failed(failure);
        continue;
      }
      return this.conclude(lane, this.decide(lane, outcome, records), pass);
    }
  }

  /** A failure if a request without records is refused as well. */
  private async doubt(
    lane: LaneName,
    cause: string,
    pass: LanePass,
    signal: AbortSignal,
  ): Promise<DestinationFailure | undefined> {
    // Another request has just had the same doubt, and found it justified.
    if (!pass.isCurrent()) {
      return this.failure(lane, { kind: 'config', cause, concerns: 'lane' });
    }
    return this.probe(lane, () => pass.isCurrent(), signal);
  }

  private decide(
    lane: LaneName,
    outcome: Decision,
    records: readonly QueueRecord[],
  ): Verdict {
    const { limit } = this.routes[lane];
    switch (outcome.kind) {
      case 'ok':
        limit.accepted();
        return readTaken(lane, outcome.answer, records);
      case 'too-large':
        limit.refused(records);
        return outcome;
      case 'payload':
        return { kind: 'refused', cause: outcome.cause };
    }
  }

  /** Gives the pass back, with what the verdict says of the destination. */
  private conclude(lane: LaneName, verdict: Verdict, pass: LanePass): Verdict {
    if (verdict.kind === 'taken' && verdict.again.length > 0) {
      // The destination has just answered, so only this lane has to wait.
      const cause = 'HTTP 207 with errors of the server';
      pass.failed(
        this.failure(lane, { kind: 'destination', cause, concerns: 'lane' }),
      );
    } else {
      pass.succeeded();
    }
    return verdict;
  }

  /** Sends a request without records. Undefined when it is taken. */
  private async probe(
    lane: LaneName,
    mayGoOn: () => boolean,
    signal: AbortSignal,
  ): Promise<DestinationFailure | undefined> {
    const { proof } = this.routes[lane];
    const number = proof.send();
    const outcome = await this.server.probe(lane, mayGoOn, signal);
    switch (outcome.kind) {
      case 'ok':
        proof.taken(number);
        return undefined;
      case 'destination':
      case 'config':
        return this.failure(lane, outcome);
      case 'aborted':
        return this.failure(lane, { kind: 'destination', cause: 'shutdown' });
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

  private failure(
    lane: LaneName,
    failure: Omit<GateFailure, 'endpoint'> & {
      readonly concerns?: DestinationFailure['concerns'];
    },
  ): DestinationFailure {
    const endpoint = this.server.endpoint(lane);
    return { concerns: 'destination', ...failure, endpoint };
  }
}
