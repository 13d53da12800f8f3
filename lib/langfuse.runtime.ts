import { EXIT_MESSAGE, SDK_NAME, SDK_VERSION } from './langfuse.constants.js';
import { UNUSED_PLATFORM_VARIABLE } from './langfuse.messages.js';
import { createSpool, saveAtExit } from './langfuse.spool.js';
import {
  LangfuseTransport,
  noTransport,
  type ReadCredentials,
} from './deliver/index.js';
import {
  Capture,
  EarlyEndLog,
  LangfuseService,
  LangfuseTracerProvider,
  LibrarySpanFilter,
  Mask,
  OpenObservations,
  Propagation,
  Recorder,
  RequestTracing,
  ScoreRecorder,
  SpanFilter,
  SpanIntake,
  TraceAttributes,
  type ShouldExportSpan,
  TraceSampler,
  WarnOnce,
} from './observe/index.js';
import {
  type CredentialsProvider,
  type LangfuseCredentials,
  readCredentials,
  type ResolvedOptions,
  unusedPlatformVariables,
} from './options/index.js';
import { isDefaultExportSpan } from './otel/index.js';
import { verifyKeys, writeDebugLines } from './operate/index.js';
import {
  LangfuseQueue,
  type QueueLogger,
  systemClock,
  type Transport,
} from './queue/index.js';
import {
  LangfuseAttribute,
  SCOPE_NAME,
  type WireAttributeValue,
} from './wire/index.js';

/** The parts of one root module, wired together. */
export interface LangfuseRuntime {
  readonly options: ResolvedOptions;
  readonly queue: LangfuseQueue;
  /** Undefined while tracing is off. */
  readonly intake: SpanIntake | undefined;
  readonly recorder: Recorder;
  readonly tracers: LangfuseTracerProvider;
  readonly service: LangfuseService;
  readonly requests: RequestTracing;
  /** Whether records stay in the process, so that its end is no concern. */
  readonly isInMemory: boolean;
  /** Asks the server whether the keys are right and writes a line. Never rejects. */
  readonly verifyKeys: () => Promise<void>;
  /** Whether no other application records with it. */
  isLast(): boolean;
  /** Called once, when its application ends. Returns whether it is the last. */
  leave(): boolean;
}

/** What a runtime stands on: all on the way from an observation to the server. */
export interface LangfuseParts extends Pick<
  LangfuseRuntime,
  'queue' | 'intake' | 'recorder' | 'isInMemory' | 'verifyKeys'
> {
  readonly scores: ScoreRecorder;
  readonly warnings: WarnOnce;
  readonly fetchProjectId: () => Promise<string | undefined>;
}

/** A transport that also knows whose records it takes. */
export interface RuntimeTransport extends Transport {
  /** The id of the project, if it can be told. */
  fetchProjectId(): Promise<string | undefined>;
}

/** Makes a runtime; {@link createRuntime} with a server is the usual one. */
export type StartRuntime = (
  options: ResolvedOptions,
  logger: QueueLogger,
) => LangfuseRuntime;

/**
 * Makes a runtime out of the options.
 *
 * @param memory keeps the records, in the place of a transport to the server
 */
export function createRuntime(
  options: ResolvedOptions,
  logger: QueueLogger,
  memory?: RuntimeTransport,
): LangfuseRuntime {
  return runtimeOn(createParts(options, logger, memory), options);
}

/** Makes the parts out of the options. The only place that knows all rooms. */
export function createParts(
  options: ResolvedOptions,
  logger: QueueLogger,
  memory?: RuntimeTransport,
): LangfuseParts {
  const { tracing, environment } = options;
  if (tracing.on) {
    for (const problem of unusedPlatformVariables(options, process.env)) {
      logger.warn(UNUSED_PLATFORM_VARIABLE(problem));
    }
  }
  const server =
    tracing.on && !memory
      ? createTransport(options, tracing.credentials)
      : undefined;
  const transport = memory ?? server;
  const spool = memory ? undefined : createSpool(options, batchOrigin());
  const queue = new LangfuseQueue(options, {
    transport: transport ?? noTransport,
    logger,
    ...(spool && { spool }),
  });
  if (options.debug) writeDebugLines(queue, logger);
  const warnings = new WarnOnce(logger);
  const capture = new Capture({ maxValueBytes: options.maxValueBytes });
  const { sampleRate } = options;
  const sampler = sampleRate < 1 ? new TraceSampler(sampleRate) : undefined;
  const mask = createMask(options, capture, logger);
  const filter = createFilter(options, warnings);
  const intake = tracing.on
    ? new SpanIntake({ queue, warnings, sampler, filter, mask })
    : undefined;
  const recorder = new Recorder({
    intake,
    capture,
    trace: TraceAttributes.ofAll(new Map(traceAttributes(options))),
    open: new OpenObservations(
      options,
      systemClock,
      new EarlyEndLog(logger, systemClock),
    ),
  });
  if (spool) saveAtExit(queue, () => recorder.endOpen(EXIT_MESSAGE));
  const scores = new ScoreRecorder({
    queue: tracing.on ? queue : undefined,
    capture,
    warnings,
    environment,
    sampler,
    mask,
  });
  return {
    queue,
    intake,
    recorder,
    scores,
    warnings,
    fetchProjectId: async () => transport?.fetchProjectId(),
    isInMemory: memory !== undefined,
    verifyKeys: async () => {
      if (!server) return;
      const askProject = (otherUrl?: string) => server.askProject(otherUrl);
      await verifyKeys({ baseUrl: options.baseUrl, askProject, logger });
    },
  };
}

/** A runtime with these parts. */
export function runtimeOn(
  parts: LangfuseParts,
  options: ResolvedOptions,
): LangfuseRuntime {
  const { queue, intake, recorder, scores, warnings } = parts;
  const propagation = new Propagation({ ...options, recorder });
  const requests = new RequestTracing({
    ...options,
    recorder,
    propagation,
    warnings,
  });
  const resource = resourceAttributes();
  const tracers = new LangfuseTracerProvider({ recorder, resource });
  const service = new LangfuseService({
    recorder,
    tracers,
    propagation,
    scores,
    queue,
    warnings,
    baseUrl: options.baseUrl,
    projectId: parts.fetchProjectId,
  });
  return {
    options,
    queue,
    intake,
    recorder,
    tracers,
    service,
    requests,
    isInMemory: parts.isInMemory,
    verifyKeys: parts.verifyKeys,
    isLast: () => true,
    leave: () => true,
  };
}

function createTransport(
  options: ResolvedOptions,
  credentials: LangfuseCredentials | CredentialsProvider,
): LangfuseTransport {
  const { baseUrl, compression, additionalHeaders, timeout } = options;
  return new LangfuseTransport(
    {
      timeoutMs: timeout * 1000,
      credentials: credentialsReader(credentials),
      destination: {
        baseUrl,
        compression,
        additionalHeaders: additionalHeaders ?? {},
        sdkName: SDK_NAME,
        sdkVersion: SDK_VERSION,
        resource: resourceAttributes(),
      },
    },
    { clock: systemClock, random: Math.random },
  );
}

function createFilter(
  { shouldExportSpan, registerGlobally }: ResolvedOptions,
  warnings: WarnOnce,
): SpanFilter | LibrarySpanFilter | undefined {
  const filterBy = (ask: ShouldExportSpan) =>
    new SpanFilter({
      shouldExportSpan: ask,
      origin: batchOrigin(),
      warnings,
    });
  if (shouldExportSpan !== undefined) return filterBy(shouldExportSpan);
  if (!registerGlobally) return undefined;
  const isAboutModels: ShouldExportSpan = ({ otelSpan }) =>
    isDefaultExportSpan(otelSpan);
  return new LibrarySpanFilter(filterBy(isAboutModels));
}

function createMask(
  { mask }: ResolvedOptions,
  capture: Capture,
  logger: QueueLogger,
): Mask | undefined {
  if (mask === undefined) return undefined;
  const fit = (text: string) => capture.text(text) ?? '';
  return new Mask({ mask, fit, logger, clock: systemClock });
}

function credentialsReader(
  credentials: LangfuseCredentials | CredentialsProvider,
): ReadCredentials {
  if (typeof credentials === 'function') {
    return () => readCredentials(credentials);
  }
  const reading = { ok: true, ...credentials } as const;
  return () => reading;
}

/** Where spans of our own recorder come from. */
function batchOrigin() {
  const scope = { name: SCOPE_NAME, version: SDK_VERSION };
  return { resource: resourceAttributes(), scope };
}

/** OpenTelemetry's resource: who produces these spans. */
function resourceAttributes(): Map<string, WireAttributeValue> {
  const serviceName = process.env['OTEL_SERVICE_NAME'];
  return new Map([
    ...(serviceName ? [['service.name', serviceName] as const] : []),
    ['telemetry.sdk.language', 'nodejs'],
    ['telemetry.sdk.name', SDK_NAME],
    ['telemetry.sdk.version', SDK_VERSION],
  ]);
}

/** What the options say of every trace of this application. */
function* traceAttributes({
  environment,
  release,
}: ResolvedOptions): Iterable<readonly [string, string]> {
  if (environment !== undefined) {
    yield [LangfuseAttribute.environment, environment];
  }
  if (release !== undefined) yield [LangfuseAttribute.release, release];
}
