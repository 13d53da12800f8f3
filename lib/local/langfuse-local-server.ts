/** The receiver: an HTTP server on loopback and a window on what it received. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Exchange,
  refusalText,
  toWireReply,
  type Reply,
  type WireReply,
} from './http-exchange.js';
import { answer, type RouteContext } from './http-routes.js';
import {
  withDefaults,
  type LangfuseLocalEvents,
  type LangfuseLocalOptions,
} from './langfuse-local-options.js';
import type {
  LocalObservation,
  LocalRecordFilter,
  LocalRequest,
  LocalScore,
  LocalStats,
  LocalTrace,
} from './records.js';
import { TraceStore } from './trace-store.js';
import { TraceWatch } from './trace-watch.js';

type Falsy = false | 0 | '' | null | undefined;

/**
 * A running receiver, as {@link startLangfuseLocal} makes it.
 *
 * @publicApi
 */
export class LangfuseLocalServer extends EventEmitter<LangfuseLocalEvents> {
  /** For `LANGFUSE_BASE_URL`; without a slash at its end. */
  readonly url: string;
  /** The TCP port that it listens on. */
  readonly port: number;
  /** For `LANGFUSE_PUBLIC_KEY`. */
  readonly publicKey: string;
  /** For `LANGFUSE_SECRET_KEY`. */
  readonly secretKey: string;
  readonly #server: Server;
  readonly #store: TraceStore;
  readonly #watch: TraceWatch;
  readonly #routes: RouteContext;
  readonly #maxRequests: number;
  readonly #requests: LocalRequest[] = [];
  #requestCount = 0;
  #poisonedRequests = 0;
  #lostScores = 0;
  #closed: Promise<void> | undefined;

  /** @internal */
  constructor(server: Server, options: LangfuseLocalOptions) {
    super();
    const settings = withDefaults(options);
    // Every waiting test is a listener.
    this.setMaxListeners(0);
    if (options.onTrace) {
      this.on('trace', options.onTrace);
    }
    const { address, family, port } = server.address() as AddressInfo;
    this.port = port;
    this.url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    this.publicKey = settings.publicKey;
    this.secretKey = settings.secretKey;
    this.#maxRequests = settings.maxRequests;
    this.#store = new TraceStore(settings);
    this.#watch = new TraceWatch({
      quietMs: settings.traceQuietMs,
      repeat: settings.repeatTraces,
      maxTraces: settings.maxTraces,
      read: (traceId) => this.#store.trace(traceId),
      report: (trace) => this.#emit('trace', trace),
    });
    this.#routes = {
      store: this.#store,
      keys:
        options.publicKey === undefined && options.secretKey === undefined
          ? undefined
          : settings,
      maxBodyBytes: settings.maxBodyBytes,
      onObservation: (observation, bytes) => {
        this.#store.addObservation(observation, bytes);
        this.#watch.touch(observation.traceId);
        this.#emit('observation', observation);
      },
      onPoison: () => {
        this.#poisonedRequests += 1;
      },
      onScore: (write, bytes) => {
        const score = this.#store.addScore(write, bytes);
        if (score.traceId) {
          this.#watch.touch(score.traceId);
        }
        this.#emit('score', score);
      },
      onLostScore: () => {
        this.#lostScores += 1;
      },
    };
    this.#server = server;
    server.on('request', (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** The last requests, oldest first. */
  get requests(): readonly LocalRequest[] {
    return this.#requests;
  }

  /**
   * Observations in memory, in order of arrival within their trace.
   *
   * @param filter - Fields that must be equal, such as `{ traceId, name }`.
   */
  observations(
    filter: LocalRecordFilter<LocalObservation> = {},
  ): LocalObservation[] {
    return this.#store.observations(filter);
  }

  /**
   * Scores in memory.
   *
   * @param filter - Fields that must be equal, such as `{ traceId, name }`.
   */
  scores(filter: LocalRecordFilter<LocalScore> = {}): LocalScore[] {
    return this.#store.scores(filter);
  }

  /** Traces in memory, oldest first. */
  traces(): LocalTrace[] {
    return this.#store.traces();
  }

  /** Counts since the start. */
  stats(): LocalStats {
    return {
      requests: this.#requestCount,
      traces: this.#store.traceCount,
      observations: this.#store.observationCount,
      scores: this.#store.scoreCount,
      duplicates: this.#store.duplicateCount,
      poisonedRequests: this.#poisonedRequests,
      lostScores: this.#lostScores,
      evictedTraces: this.#store.evictedTraceCount,
    };
  }

  /**
   * Waits until `probe` returns something truthy and resolves to it. It is
   * asked at once and then after every request, so there is nothing to poll:
   * `await local.waitFor((l) => l.observations({ name: 'answer' })[0])`.
   *
   * @param options - `timeoutMs`: 5,000 by default.
   * @throws When the time is over or the receiver closes, with what has
   * arrived so far; and whatever `probe` throws.
   */
  waitFor<T>(
    probe: (local: this) => T,
    { timeoutMs = 5000 }: { readonly timeoutMs?: number } = {},
  ): Promise<Exclude<T, Falsy>> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.off('request', check);
        this.off('close', onClose);
        finish();
      };
      const check = (): void => {
        try {
          const found = probe(this);
          if (found) {
            settle(() => resolve(found as Exclude<T, Falsy>));
          }
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const giveUp = (why: string): void =>
        settle(() =>
          reject(
            new Error(
              `waitFor(): ${why}; received so far: ${JSON.stringify(this.stats())}`,
            ),
          ),
        );
      const onClose = (): void => giveUp('the receiver was closed');
      const timer = setTimeout(
        () => giveUp(`nothing fitted within ${timeoutMs} ms`),
        timeoutMs,
      );
      this.on('request', check);
      this.on('close', onClose);
      check();
    });
  }

  /**
   * Reports the traces that are still waiting for quiet, then stops listening
   * and cuts open connections. Idempotent; what was received stays readable.
   */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#watch.flush();
      this.#server.close(() => {
        this.#emit('close');
        resolve();
      });
      this.#server.closeAllConnections();
    });
    return this.#closed;
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const exchange = new Exchange(request);
    const { reply, wire } = await this.#answer(exchange);
    this.#log(exchange, reply);
    response.writeHead(wire.status, wire.headers).end(wire.payload);
  }

  async #answer(
    exchange: Exchange,
  ): Promise<{ readonly reply: Reply; readonly wire: WireReply }> {
    try {
      const reply = await answer(exchange, this.#routes);
      return { reply, wire: toWireReply(reply) };
    } catch (error) {
      const reply = {
        status: 500,
        body: { message: 'Internal Server Error', error: String(error) },
      };
      return { reply, wire: toWireReply(reply) };
    }
  }

  #log(exchange: Exchange, reply: Reply): void {
    const request: LocalRequest = {
      method: exchange.method,
      path: exchange.path,
      status: reply.status,
      headers: exchange.publicHeaders(),
      bytes: exchange.bytes,
      decodedBytes: exchange.decodedBytes,
      spans: exchange.spans,
      scores: exchange.scores,
      receivedAt: exchange.receivedAt.getTime(),
      note:
        exchange.note ?? (reply.status < 400 ? undefined : refusalText(reply)),
    };
    this.#requestCount += 1;
    this.#requests.push(request);
    if (this.#requests.length > this.#maxRequests) {
      this.#requests.shift();
    }
    this.#emit('request', request);
  }

  /** A listener that throws must be heard, but not by the client. */
  #emit<K extends keyof LangfuseLocalEvents>(
    event: K,
    ...payload: LangfuseLocalEvents[K]
  ): void {
    try {
      (this as EventEmitter).emit(event, ...payload);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
