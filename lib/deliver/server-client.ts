import type { Clock, LaneName, QueueRecord } from '../queue/index.js';
import { Credentials, type ReadCredentials } from './credentials.js';
import type {
  Http,
  HttpFailure,
  HttpRequest,
  HttpResult,
} from './http-client.js';
import { judge, type Outcome } from './outcome.js';
import { type ProjectAnswer, readProject } from './project-answer.js';
import { type Destination, RequestBuilder } from './request-builder.js';

/** Whom to speak with, and how long to wait for an answer. */
export interface ServerClientSettings {
  readonly destination: Destination;
  readonly credentials: ReadCredentials;
  /** For one request: connecting, sending and reading together. */
  readonly timeoutMs: number;
}

interface ExchangeOptions {
  /** Whether to go on with a fresh connection. Default: yes. */
  readonly onStale?: (failure: HttpFailure) => boolean;
  /**
   * Whether the process may end before the answer. Default: yes, since data is
   * waited for by a flush, if by anybody.
   */
  readonly inBackground?: boolean;
}

/**
 * Speaks with one Langfuse server: authenticates, sends, counts and judges. It
 * knows neither gates nor batches; each call is one question and its outcome.
 */
export class ServerClient {
  readonly counts = { requests: 0, retries: 0, resentAfterUnknown: 0 };
  private readonly requests: RequestBuilder;
  private readonly credentials: Credentials;
  private projectId: string | undefined;

  constructor(
    private readonly settings: ServerClientSettings,
    private readonly http: Http,
    clock: Clock,
  ) {
    const { destination, credentials, timeoutMs } = settings;
    this.requests = new RequestBuilder(destination);
    this.credentials = new Credentials(credentials, clock, timeoutMs);
  }

  /** Where a lane's requests go, for the log. */
  endpoint(lane: LaneName): string {
    return this.requests.endpoint(lane);
  }

  /** The complete request: sending it again sends the same bytes again. */
  build(
    lane: LaneName,
    records: readonly QueueRecord[],
  ): HttpRequest | Promise<HttpRequest> {
    return this.requests.build(lane, records);
  }

  /**
   * Sends records.
   *
   * @param mayGoOn Whether another try on a fresh connection is allowed when
   * the connection turns out to have been closed by the server meanwhile.
   */
  sendRecords(
    request: HttpRequest,
    records: number,
    mayGoOn: () => boolean,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const onStale = ({ mayHaveArrived }: HttpFailure) => {
      if (!mayGoOn()) return false;
      this.counts.retries += 1;
      if (mayHaveArrived) this.counts.resentAfterUnknown += records;
      return true;
    };
    return this.exchange(request, signal, { onStale });
  }

  /**
   * Sends a request without records, with keys that are read anew: it finds out
   * whether a lane's route takes requests again.
   *
   * @param mayGoOn as for `sendRecords()`
   */
  async probe(
    lane: LaneName,
    mayGoOn: () => boolean,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (signal.aborted) return { kind: 'aborted' };
    await this.credentials.refresh(signal);
    const request = await this.requests.probe(lane);
    return this.exchange(request, signal, { onStale: mayGoOn });
  }

  /**
   * The id of the project that the keys belong to, asked of the server once.
   * Undefined when it does not say.
   */
  async fetchProjectId(signal: AbortSignal): Promise<string | undefined> {
    if (this.projectId !== undefined) return this.projectId;
    const answer = await this.askProject(signal, { inBackground: false });
    if (answer.kind === 'project') this.projectId = answer.id;
    return this.projectId;
  }

  /** Asks which project the keys belong to; by default nobody waits for it. */
  async askProject(
    signal: AbortSignal,
    { inBackground = true } = {},
  ): Promise<ProjectAnswer> {
    const request = this.requests.projects();
    const outcome = await this.exchange(request, signal, { inBackground });
    return readProject(outcome);
  }

  close(): void {
    this.http.close();
  }

  private async exchange(
    request: HttpRequest,
    signal: AbortSignal,
    { onStale = () => true, inBackground = true }: ExchangeOptions = {},
  ): Promise<Outcome> {
    const auth = await this.credentials.current(signal);
    if (auth === undefined) return { kind: 'aborted' };
    if (!auth.ok) {
      const cause = `no credentials: ${auth.problem}`;
      return { kind: 'config', cause, concerns: 'destination' };
    }
    const headers = { ...request.headers, ...auth.headers };
    const complete = { ...request, headers };
    const result = await this.sendOnce(complete, signal, inBackground);
    const isStale = result.kind === 'failure' && result.onStaleConnection;
    return judge(
      isStale && onStale(result)
        ? await this.sendOnce(complete, signal, inBackground)
        : result,
    );
  }

  private sendOnce(
    request: HttpRequest,
    signal: AbortSignal,
    inBackground: boolean,
  ): Promise<HttpResult> {
    this.counts.requests += 1;
    const { timeoutMs } = this.settings;
    return this.http.send(request, { timeoutMs, signal, inBackground });
  }
}
