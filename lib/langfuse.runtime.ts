import { SDK_NAME, SDK_VERSION } from './langfuse.constants.js';
import {
  LangfuseTransport,
  noTransport,
  type ReadCredentials,
} from './deliver/index.js';
import {
  Capture,
  LangfuseService,
  Recorder,
  ScoreRecorder,
  TraceAttributes,
  WarnOnce,
} from './observe/index.js';
import {
  type CredentialsProvider,
  type LangfuseCredentials,
  readCredentials,
  type ResolvedOptions,
} from './options/index.js';
import { LangfuseQueue, type QueueLogger, systemClock } from './queue/index.js';
import { LangfuseAttribute, type WireAttributeValue } from './wire/index.js';

/** The parts of one root module, wired together. */
export interface LangfuseRuntime {
  readonly options: ResolvedOptions;
  readonly queue: LangfuseQueue;
  readonly recorder: Recorder;
  readonly service: LangfuseService;
}

/** Makes the parts out of the options. The only place that knows all rooms. */
export function createRuntime(
  options: ResolvedOptions,
  logger: QueueLogger,
): LangfuseRuntime {
  const { tracing, baseUrl, environment } = options;
  const transport = tracing.on
    ? createTransport(options, tracing.credentials)
    : undefined;
  const queue = new LangfuseQueue(options, {
    transport: transport ?? noTransport,
    logger,
  });
  const warnings = new WarnOnce(logger);
  const capture = new Capture({ maxValueBytes: options.maxValueBytes });
  const intake = tracing.on ? queue : undefined;
  const recorder = new Recorder({
    queue: intake,
    capture,
    warnings,
    trace: TraceAttributes.none.with(traceAttributes(options)),
  });
  const scores = new ScoreRecorder({
    queue: intake,
    capture,
    warnings,
    environment,
  });
  const service = new LangfuseService({
    recorder,
    scores,
    queue,
    warnings,
    baseUrl,
    projectId: async () => transport?.fetchProjectId(),
  });
  return { options, queue, recorder, service };
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

function credentialsReader(
  credentials: LangfuseCredentials | CredentialsProvider,
): ReadCredentials {
  if (typeof credentials === 'function') {
    return () => readCredentials(credentials);
  }
  const reading = { ok: true, ...credentials } as const;
  return () => reading;
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
