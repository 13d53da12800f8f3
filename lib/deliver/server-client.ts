import type { Clock, LaneName, QueueRecord } from '../queue/index.js';
import { Credentials, type ReadCredentials } from './credentials.js';
import type { Http, HttpRequest, HttpResult } from './http-client.js';
import { judge, type Outcome } from './outcome.js';
import { type Destination, RequestBuilder } from './request-builder.js';

/** Whom to speak with, and how long to wait for an answer. */
export interface ServerClientSettings {
  readonly destination: Destination;
  readonly credentials: ReadCredentials;
  /** For one request: connecting, sending and reading together. */
  readonly timeoutMs: number;
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
  async sendRecords(
    request: HttpRequest,
    records: number,
    mayGoOn: () => boolean,
    signal: AbortSignal,
  ): Promise<Outcome> {
    return this.authenticated(signal, async (send) => {
      const result = await send(request);
      const isStale = result.kind === 'failure' && result.onStaleConnection;
      if (!isStale || !mayGoOn()) return result;
      this.counts.retries += 1;
      if (result.mayHaveArrived) this.counts.resentAfterUnknown += records;
      return send(request);
    });
  }

  /**
   * Sends a request without records, with keys that are read anew: it finds out
   * whether a lane's route takes requests again.
   */
  async probe(lane: LaneName, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return { kind: 'aborted' };
    await this.credentials.refresh(signal);
    const request = await this.requests.probe(lane);
    return this.authenticated(signal, (send) => send(request));
  }

  /**
   * The id of the project that the keys belong to, asked of the server once.
   * Undefined when it does not say.
   */
  async fetchProjectId(signal: AbortSignal): Promise<string | undefined> {
    if (this.projectId !== undefined) return this.projectId;
    const request = this.requests.projects();
    const outcome = await this.authenticated(signal, (send) => send(request));
    if (outcome.kind === 'ok') {
      this.projectId = firstProjectId(outcome.answer.body);
    }
    return this.projectId;
  }

  close(): void {
    this.http.close();
  }

  private async authenticated(
    signal: AbortSignal,
    exchange: (
      send: (request: HttpRequest) => Promise<HttpResult>,
    ) => Promise<HttpResult>,
  ): Promise<Outcome> {
    const auth = await this.credentials.current(signal);
    if (auth === undefined) return { kind: 'aborted' };
    if (!auth.ok) {
      const cause = `no credentials: ${auth.problem}`;
      return { kind: 'config', cause, concerns: 'destination' };
    }
    const result = await exchange((request) => {
      const headers = { ...request.headers, ...auth.headers };
      return this.sendOnce({ ...request, headers }, signal);
    });
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
