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
import { Gate } from './gate.js';
import { HttpClient } from './http-client.js';
import { judge } from './outcome.js';
import { type Destination, RequestBuilder } from './request-builder.js';
import { readScoreAnswer, type ScoreAnswer } from './score-answer.js';

/** Settings of the transport. */
export interface LangfuseTransportSettings {
  readonly destination: Destination;
  /** For one request: connecting, sending and reading together. */
  readonly timeoutMs: number;
}

/**
 * Delivers batches to a Langfuse server: builds a request once, sends it when
 * the gate lets it pass, judges the result, and sends the same bytes again for
 * as long as the fault lies with the destination.
 */
export class LangfuseTransport implements Transport {
  readonly state$: Observable<DestinationState>;
  private readonly requests: RequestBuilder;
  private readonly http: HttpClient;
  private readonly gate: Gate;
  private readonly counts = { requests: 0, retries: 0, resentAfterUnknown: 0 };
  private projectId: string | undefined;

  constructor(
    private readonly settings: LangfuseTransportSettings,
    { clock, random }: { clock: Clock; random: () => number },
  ) {
    this.requests = new RequestBuilder(settings.destination);
    this.http = new HttpClient(clock);
    this.gate = new Gate(clock, random);
    this.state$ = this.gate.state$;
  }

  get isFree(): boolean {
    return this.gate.isFree;
  }

  get stats(): TransportStats {
    return { ...this.counts };
  }

  async send(
    { lane, records }: Batch,
    signal: AbortSignal,
  ): Promise<Settlement> {
    let delivered = 0;
    let rejected = 0;
    let cause: string | undefined;
    let rest = records;
    while (rest.length > 0) {
      const answer = await this.sendUntilAnswered(lane, rest, signal);
      if (answer === undefined) break;
      delivered += answer.delivered;
      rejected += answer.rejected;
      cause ??= answer.cause;
      rest = answer.retry;
    }
    return { delivered, rejected, ...(cause === undefined ? {} : { cause }) };
  }

  /**
   * The id of the project that the keys belong to, asked of the server once.
   * Undefined when it does not say.
   */
  async fetchProjectId(): Promise<string | undefined> {
    if (this.projectId !== undefined) return this.projectId;
    const { timeoutMs } = this.settings;
    const { signal } = new AbortController();
    const request = this.requests.projects();
    const outcome = judge(await this.http.send(request, { timeoutMs, signal }));
    if (outcome.kind === 'ok') this.projectId = firstProjectId(outcome.body);
    return this.projectId;
  }

  close(): void {
    this.http.close();
  }

  /** Undefined when `signal` aborts before the server has decided. */
  private async sendUntilAnswered(
    lane: LaneName,
    records: readonly QueueRecord[],
    signal: AbortSignal,
  ): Promise<ScoreAnswer | undefined> {
    const request = await this.requests.build(lane, records);
    const endpoint = this.requests.endpoint(lane);
    const { timeoutMs } = this.settings;
    let unknown = false;
    for (let attempt = 0; ; attempt++) {
      const pass = await this.gate.pass(signal);
      if (pass === undefined) return undefined;
      this.counts.requests += 1;
      if (attempt > 0) this.counts.retries += 1;
      if (unknown) this.counts.resentAfterUnknown += records.length;
      const result = await this.http.send(request, { timeoutMs, signal });
      const outcome = judge(result);
      switch (outcome.kind) {
        case 'ok': {
          const answer = readAnswer(lane, outcome, records);
          if (answer.retry.length === 0) {
            pass.succeeded();
          } else {
            const cause = `HTTP ${outcome.status} with errors of the server`;
            pass.failed({ kind: 'destination', endpoint, cause });
          }
          return answer;
        }
        case 'payload':
          pass.succeeded();
          return {
            delivered: 0,
            rejected: records.length,
            cause: outcome.cause,
            retry: [],
          };
        case 'destination':
          unknown = outcome.unknown;
          pass.failed({ ...outcome, endpoint });
          break;
        case 'config':
          pass.failed({ ...outcome, endpoint });
          break;
        case 'aborted':
          pass.abandoned();
          return undefined;
      }
    }
  }
}

function readAnswer(
  lane: LaneName,
  { body, status }: { body: Buffer; status: number },
  records: readonly QueueRecord[],
): ScoreAnswer {
  // A 2xx of the OTLP route answers with a job description: nothing in it counts.
  return lane === 'scores' && status === 207
    ? readScoreAnswer(body, records)
    : { delivered: records.length, rejected: 0, cause: undefined, retry: [] };
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
