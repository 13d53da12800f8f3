/** The service on a queue that keeps what it would send, in place of a server. */
import { isUtf8 } from 'node:buffer';
import {
  LangfuseService,
  type MaskFunction,
  type ShouldExportSpan,
} from '../../lib/index.js';
import {
  Capture,
  LangfuseTracerProvider,
  Mask,
  Propagation,
  Recorder,
  ScoreRecorder,
  SpanFilter,
  SpanIntake,
  TraceAttributes,
  TraceSampler,
  WarnOnce,
} from '../../lib/observe/index.js';
import {
  LangfuseQueue,
  type LaneName,
  type QueueStats,
} from '../../lib/queue/index.js';
import { type Clock, systemClock } from '../../lib/queue/clock.js';
import {
  encodeBatchFrame,
  frameScores,
  frameSpans,
} from '../../lib/wire/index.js';
import { decodeExport, type OtlpSpan, spansOf } from './otlp.js';
import { textsOf } from './otlp-texts.js';
import { ScriptedTransport } from './scripted-transport.js';

const MiB = 1024 * 1024;

const SETTINGS = {
  flushAt: 1_000,
  flushInterval: 3_600,
  maxBatchBytes: 64 * MiB,
  maxQueueSize: 100_000,
  maxQueueBytes: 1_024 * MiB,
  maxConcurrency: 1,
  exportMode: 'batched',
  overflow: 'drop-oldest',
  flushTimeoutMs: 60_000,
  shutdownTimeoutMs: 1_000,
} as const;

const frame = encodeBatchFrame({
  resource: new Map(),
  scope: { name: 'test', version: '0' },
});

/** A `score-create` event of a request to the ingestion API. */
export interface SentScore {
  readonly id: string;
  readonly timestamp: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a span goes through between its end and the queue; default: nothing. */
export interface CollectingOptions {
  readonly mask?: MaskFunction;
  readonly sampleRate?: number;
  readonly shouldExportSpan?: ShouldExportSpan;
  /** What the mask's deadline is measured with. */
  readonly clock?: Clock;
}

/** What was sent since the last call. */
export interface Collected {
  readonly spans: readonly OtlpSpan[];
  readonly scores: readonly SentScore[];
}

export class CollectingService {
  readonly langfuse: LangfuseService;
  readonly recorder: Recorder;
  readonly warnings: string[] = [];
  private readonly queue: LangfuseQueue;
  private readonly transport = new ScriptedTransport();

  constructor({
    mask: maskFunction,
    sampleRate,
    shouldExportSpan,
    clock = systemClock,
  }: CollectingOptions = {}) {
    const ignore = () => undefined;
    const logger = { log: ignore, error: ignore, warn: this.warn };
    this.queue = new LangfuseQueue(SETTINGS, {
      transport: this.transport,
      logger,
    });
    const { queue } = this;
    const capture = new Capture({ maxValueBytes: MiB });
    const warnings = new WarnOnce(logger);
    const trace = TraceAttributes.none;
    const mask =
      maskFunction &&
      new Mask({
        mask: maskFunction,
        fit: (text) => capture.text(text) ?? '',
        logger,
        clock,
      });
    const origin = {
      resource: new Map([['service.name', 'test']]),
      scope: { name: 'langfuse-sdk/test', version: '0' },
    };
    const filter =
      shouldExportSpan &&
      new SpanFilter({ shouldExportSpan, origin, warnings });
    const sampler =
      sampleRate === undefined ? undefined : new TraceSampler(sampleRate);
    const intake = new SpanIntake({ queue, warnings, sampler, filter, mask });
    this.recorder = new Recorder({ intake, capture, trace });
    const { recorder } = this;
    this.langfuse = new LangfuseService({
      recorder,
      tracers: new LangfuseTracerProvider({
        recorder,
        resource: origin.resource,
      }),
      propagation: new Propagation({
        recorder,
        baggageHosts: [],
        trustIncomingBaggage: false,
      }),
      scores: new ScoreRecorder({
        queue,
        capture,
        warnings,
        environment: undefined,
        sampler,
        mask,
      }),
      queue,
      warnings,
      baseUrl: 'http://localhost',
      projectId: () => Promise.resolve(undefined),
    });
  }

  get stats(): QueueStats {
    return this.queue.stats();
  }

  /** Throws on bytes that are no valid UTF-8, JSON or protobuf. */
  async collect(): Promise<Collected> {
    await this.langfuse.flush();
    const spans = decodeStrictly(frameSpans(frame, this.recordsOf('spans')));
    const body = frameScores(this.recordsOf('scores'));
    this.transport.sent.length = 0;
    const text = new TextDecoder('utf-8', { fatal: true });
    const { batch } = JSON.parse(text.decode(Buffer.concat(body))) as {
      batch: SentScore[];
    };
    return { spans, scores: batch };
  }

  /** Sends nothing more, and holds no timer. */
  async close(): Promise<void> {
    await this.langfuse.shutdown();
  }

  private recordsOf(lane: LaneName): Uint8Array[] {
    return this.transport.sent
      .filter((batch) => batch.lane === lane)
      .flatMap(({ records }) => records.map(({ bytes }) => bytes));
  }

  private readonly warn = (message: string): void => {
    this.warnings.push(message);
  };
}

/** A decoder of Protobuf takes invalid UTF-8 for U+FFFD: it is looked for. */
function decodeStrictly(chunks: readonly Uint8Array[]): readonly OtlpSpan[] {
  const bytes = Buffer.concat(chunks);
  for (const text of textsOf(bytes)) {
    if (!isUtf8(text))
      throw new Error(`no UTF-8: ${Buffer.from(text).toString('hex')}`);
  }
  return spansOf(decodeExport(bytes));
}
