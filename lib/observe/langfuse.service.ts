import type { Tracer } from '@opentelemetry/api';
import type {
  DeadlineOptions,
  FlushResult,
  LangfuseQueue,
} from '../queue/index.js';
import type { ObservationType } from '../wire/index.js';
import { newTraceId, traceIdFromSeed } from './ids.js';
import {
  type LangfuseObservation,
  startObservation,
  type StartObservationOptions,
  updateSpan,
} from './langfuse-observation.js';
import type { LangfuseTracerProvider } from './langfuse-tracer-provider.js';
import type { AttributesOf } from './observation-attributes.js';
import { openObservation, type OpenObservation } from './open-observation.js';
import {
  checkPropagated,
  type PropagatedAttributes,
} from './propagated-attributes.js';
import {
  axiosInterceptor,
  type AxiosRequestLike,
  type Propagation,
  type TraceCarrier,
  tracedFetch,
} from './propagation/index.js';
import { parentOfScope, type Recorder } from './recorder.js';
import { runObserved } from './run-observed.js';
import type { ActiveScore, Score } from './score.js';
import type { ScoreRecorder } from './score-recorder.js';
import type { WarnOnce } from './warn-once.js';

/** How an observation around a function is started. @publicApi */
export interface StartActiveObservationOptions<
  T extends ObservationType = ObservationType,
> extends StartObservationOptions<T> {
  /**
   * Whether the observation ends with the function; otherwise `end()` is yours
   * to call.
   * @default true
   */
  readonly endOnExit?: boolean;
}

/** What the service works with. */
export interface LangfuseServiceDependencies {
  readonly recorder: Recorder;
  readonly tracers: LangfuseTracerProvider;
  readonly propagation: Propagation;
  readonly scores: ScoreRecorder;
  readonly queue: LangfuseQueue;
  readonly warnings: WarnOnce;
  readonly baseUrl: string;
  /** Asks the server which project the keys belong to. */
  readonly projectId: () => Promise<string | undefined>;
}

/** Whose scores and links those of a recorder's traces are. */
const projects = new WeakMap<Recorder, LangfuseServiceDependencies>();

/**
 * Records observations and scores by hand, where `@Trace()` does not reach.
 * Injectable wherever `LangfuseModule` is visible. No method throws because of
 * tracing, and with tracing off all of them do nothing but run your functions.
 *
 * @publicApi
 */
export class LangfuseService {
  constructor(private readonly dependencies: LangfuseServiceDependencies) {
    projects.set(dependencies.recorder, dependencies);
  }

  /** Starts an observation that is not active; `end()` it when it is done. */
  startObservation<T extends ObservationType = 'span'>(
    name: string,
    attributes?: AttributesOf<T>,
    options: StartObservationOptions<T> = {},
  ): LangfuseObservation<T> {
    const { recorder } = this.dependencies;
    return startObservation(recorder, name, attributes, options);
  }

  /**
   * Runs `fn` with a new observation active: what starts within becomes its
   * child. It ends when `fn` returns, or when the promise that `fn` returns
   * settles; an error marks it as failed and is thrown on.
   *
   * @returns what `fn` returns
   */
  startActiveObservation<R, T extends ObservationType = 'span'>(
    name: string,
    fn: (observation: LangfuseObservation<T>) => R,
    options: StartActiveObservationOptions<T> = {},
  ): R {
    const { recorder } = this.dependencies;
    const observation = startObservation(recorder, name, undefined, options);
    const end = () => {
      if (options.endOnExit !== false) observation.end();
    };
    return runObserved(recorder, observation, () => fn(observation), {
      returned: end,
      threw(error) {
        observation.fail(error);
        end();
      },
    });
  }

  /** Adds to the active observation; does nothing where none is active. */
  updateActiveObservation<T extends ObservationType = 'generation'>(
    attributes: AttributesOf<T>,
  ): void {
    const { recorder } = this.dependencies;
    const { span } = recorder.scope;
    if (span) updateSpan(recorder, span, attributes);
  }

  /**
   * Puts user, session, tags and the like on the active observation and on all
   * that start within `fn`, in this process. Open observations around the
   * active one take what they do not have yet, so that a request's root has the
   * user that only its handler knows.
   *
   * @returns what `fn` returns
   */
  propagateAttributes<R>(attributes: PropagatedAttributes, fn: () => R): R {
    const { recorder, warnings } = this.dependencies;
    if (!recorder.mayRecord) return fn();
    const { values, problems } = checkPropagated(attributes);
    for (const problem of problems) {
      const subject = problem.split(' ', 1)[0] ?? problem;
      warnings.warn(
        `propagateAttributes ${subject}`,
        `propagateAttributes(): left out: ${problem}.`,
      );
    }
    return recorder.propagate(values, fn);
  }

  /**
   * Queues a score. What the server would refuse, or accept and silently drop,
   * is refused here with a warning that says why.
   *
   * @returns the score's id, or undefined when it was refused or tracing is off
   */
  createScore(score: Score): string | undefined {
    return this.dependencies.scores.create(score);
  }

  /** Scores the active observation; does nothing where none is active. */
  scoreActiveObservation(score: ActiveScore): string | undefined {
    const { span } = this.dependencies.recorder.scope;
    if (!span) return undefined;
    const { traceId, spanId: observationId } = span;
    return this.activeProject.scores.create(score, { traceId, observationId });
  }

  /** Scores the active trace; does nothing where none is active. */
  scoreActiveTrace(score: ActiveScore): string | undefined {
    const traceId = this.getActiveTraceId();
    if (traceId === undefined) return undefined;
    return this.activeProject.scores.create(score, { traceId });
  }

  /**
   * What a request to another service is sent along, so that its observations
   * join this trace: `traceparent`, and `tracestate` where there is one. To
   * hosts of the option `baggageHosts` also `baggage`: user, session and the
   * like. Empty where no observation is active.
   *
   * @param url - Where the request goes to; without it there is no `baggage`.
   * @example `http.get(url, { headers: langfuse.headers(url) })`
   */
  headers(url?: string | URL): TraceCarrier {
    return this.dependencies.propagation.headers(url);
  }

  /**
   * As the global `fetch`, with the {@link LangfuseService.headers} of the
   * active observation. Headers that are given stay.
   */
  readonly fetch: typeof fetch = (input, init) =>
    tracedFetch(this.dependencies.propagation)(input, init);

  /**
   * What gives requests of axios the {@link LangfuseService.headers} of the
   * active observation. Headers that are given stay.
   *
   * @example `httpService.axiosRef.interceptors.request.use(langfuse.axiosInterceptor())`
   */
  axiosInterceptor(): <C extends AxiosRequestLike>(config: C) => C {
    return axiosInterceptor(this.dependencies.propagation);
  }

  /**
   * The active observation with user, session and the like, to be put into the
   * data of a job or the headers of a message that only services of yours read.
   * In the payload of a microservice's or WebSocket's message it belongs into the
   * field `langfuse`, where `LangfuseInterceptor` finds it. Texts only, fit for
   * JSON; empty where no observation is active.
   */
  carrier(): TraceCarrier {
    return this.dependencies.propagation.carrier();
  }

  /**
   * Runs `fn` so that what starts within belongs to the trace that `carrier`
   * names, below the observation that was active where it was made, with the
   * user, session and the like of there. Without a valid carrier `fn` just runs.
   *
   * @param carrier - What {@link LangfuseService.carrier} gave, after any
   *   journey; HTTP headers or the headers of a message do as well. Its baggage
   *   is believed.
   * @returns what `fn` returns
   */
  continueTrace<R>(carrier: TraceCarrier | object | undefined, fn: () => R): R {
    return this.dependencies.propagation.continueTrace(carrier, fn);
  }

  /**
   * 32 hex digits; undefined where no observation is active and no trace is
   * continued.
   */
  getActiveTraceId(): string | undefined {
    return parentOfScope(this.dependencies.recorder.scope)?.traceId;
  }

  /** 16 hex digits; undefined where no observation is active. */
  getActiveObservationId(): string | undefined {
    return this.dependencies.recorder.scope.span?.spanId;
  }

  /**
   * Where a trace is to be seen in Langfuse: the active one, or `traceId`. The
   * server is asked once for the project's id; undefined when it does not
   * answer or no trace is active.
   */
  async getTraceUrl(traceId?: string): Promise<string | undefined> {
    const { recorder, baseUrl, projectId } =
      traceId === undefined ? this.activeProject : this.dependencies;
    const id = traceId ?? this.getActiveTraceId();
    if (id === undefined || !recorder.isOn) return undefined;
    const project = await projectId();
    return project && `${baseUrl}/project/${project}/traces/${id}`;
  }

  /**
   * A trace id to start a trace with: random, or always the same for the same
   * `seed` (the id that Langfuse's own SDKs make of it).
   *
   * @example
   * ```ts
   * const parentSpanContext = {
   *   traceId: langfuse.createTraceId(order.id),
   *   spanId: '0123456789abcdef', // of no span: the trace begins here
   *   traceFlags: 1,
   * };
   * langfuse.startActiveObservation('order', fn, { parentSpanContext });
   * ```
   */
  createTraceId(seed?: string): string {
    if (seed === undefined) return newTraceId().hex;
    const isText = typeof seed === 'string';
    return traceIdFromSeed(
      isText ? seed : this.dependencies.recorder.fit(seed),
    );
  }

  /**
   * For libraries that take an OpenTelemetry tracer. Its spans are observations
   * below the active one.
   *
   * ```ts
   * const tracer = langfuse.getTracer('ai'); // the Vercel AI SDK
   * ```
   *
   * @param name The library's instrumentation scope: Langfuse reads the input and
   * output of some libraries only from spans of that name. Default: our own.
   * @param version The library's version.
   */
  getTracer(name?: string, version?: string): Tracer {
    return this.dependencies.tracers.getTracer(name, version);
  }

  /**
   * The observations of this project that have started and not ended, oldest
   * first: those that stay there have lost their `end()`.
   *
   * ```ts
   * langfuse.openObservations().filter(({ ageMs }) => ageMs > 60_000);
   * ```
   */
  openObservations(): OpenObservation[] {
    const { open } = this.dependencies.recorder;
    return open
      .oldestFirst()
      .map((span) => openObservation(span, open.ageOf(span)));
  }

  /** See {@link LangfuseQueue.flush}. */
  flush(options?: DeadlineOptions): Promise<FlushResult> {
    return this.dependencies.queue.flush(options);
  }

  /**
   * As OpenTelemetry's processors and providers have it:
   * {@link LangfuseService.flush}, without the result.
   */
  async forceFlush(): Promise<void> {
    await this.flush();
  }

  /** See {@link LangfuseQueue.shutdown}. */
  shutdown(options?: DeadlineOptions): Promise<FlushResult> {
    return this.dependencies.queue.shutdown(options);
  }

  /** As in the former Langfuse client: {@link LangfuseService.flush}. */
  flushAsync(options?: DeadlineOptions): Promise<FlushResult> {
    return this.flush(options);
  }

  /** As in the former Langfuse client: {@link LangfuseService.shutdown}. */
  shutdownAsync(options?: DeadlineOptions): Promise<FlushResult> {
    return this.shutdown(options);
  }

  private get activeProject(): LangfuseServiceDependencies {
    return projects.get(this.dependencies.recorder.atHome) ?? this.dependencies;
  }
}
