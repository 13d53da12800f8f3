import { Logger } from '@nestjs/common';
import type { Context } from '@opentelemetry/api';
import { drainBeforeExit } from './langfuse.before-exit.js';
import { LOG_CONTEXT } from './langfuse.constants.js';
import {
  MEDIA_IS_NOT_UPLOADED,
  TRACING_OFF_WITHOUT_KEYS,
} from './langfuse.messages.js';
import {
  createParts,
  type LangfuseParts,
  type LangfuseRuntime,
  runtimeOn,
} from './langfuse.runtime.js';
import {
  type LangfuseModuleOptions,
  LangfuseOptionsError,
  type ResolvedOptions,
  resolveOptions,
} from './options/index.js';
import { type SdkSpan, SpanBridge } from './otel/index.js';
import {
  type DeadlineOptions,
  type FlushResult,
  type QueueLogger,
  systemClock,
} from './queue/index.js';

/**
 * Options of {@link LangfuseSpanProcessor}: those of the module that are not
 * about its requests and its start, and with them all of `@langfuse/otel`'s but
 * `exporter`.
 *
 * @publicApi
 */
export interface LangfuseSpanProcessorParams extends Omit<
  LangfuseModuleOptions,
  | 'spanProcessor'
  | 'registerGlobally'
  | 'requestAttributes'
  | 'ignoreRoutes'
  | 'baggageHosts'
  | 'trustIncomingBaggage'
  | 'metrics'
  | 'verifyOnBoot'
> {
  /** There is one way to Langfuse, the queue: set `baseUrl` for another place. */
  exporter?: never;
  /** Media is not uploaded: data URIs of other libraries' spans stay in them. */
  mediaUploadEnabled?: boolean;
}

/**
 * Sends the spans of an OpenTelemetry SDK to Langfuse through the queue of this
 * package: for `NodeSDK`, `NodeTracerProvider` or Sentry, in the place of the
 * class of the same name in `@langfuse/otel`, with the same options and methods.
 * Works with SDK 2.x and 3.x.
 *
 * By default it takes spans of Langfuse's SDKs, those with `gen_ai.*` attributes
 * and those of libraries known to instrument language models; `shouldExportSpan`
 * decides otherwise. Spans are never changed, so that other processors see them
 * as they are.
 *
 * Give it to `LangfuseModule.forRoot({ spanProcessor })` as well, and the
 * application has one queue and one drain. Without a module call `shutdown()`,
 * as `NodeSDK.shutdown()` does; a script that ends by itself is drained.
 *
 * @throws LangfuseOptionsError with all invalid options in one message
 * @example
 * ```ts
 * export const spanProcessor = new LangfuseSpanProcessor();
 * new NodeSDK({ spanProcessors: [spanProcessor] }).start();
 * ```
 * @publicApi
 */
export class LangfuseSpanProcessor {
  private readonly options: ResolvedOptions;
  private readonly logger = new Logger(LOG_CONTEXT);
  private door: Door;
  /** Applications whose module has it. */
  private adopters = 0;

  constructor(params: LangfuseSpanProcessorParams = {}) {
    const { exporter, mediaUploadEnabled, ...given } = params;
    if (exporter !== undefined) throw new LangfuseOptionsError([EXPORTER]);
    this.options = resolveOptions(given, process.env);
    const { tracing } = this.options;
    if (!tracing.on && tracing.reason === 'missing-keys') {
      this.logger.warn(TRACING_OFF_WITHOUT_KEYS(tracing.missing));
    }
    if (mediaUploadEnabled === true) this.logger.warn(MEDIA_IS_NOT_UPLOADED);
    this.door = openDoor(this.options, this.logger);
  }

  /** Called by the SDK when a span starts. */
  onStart(span: SdkSpan, parentContext: Context): void {
    this.door.bridge?.started(span, parentContext);
  }

  /** Called by the SDK when a span has ended. */
  onEnd(span: SdkSpan): void {
    this.door.bridge?.ended(span);
  }

  /** See {@link LangfuseQueue.flush}. */
  flush(options?: DeadlineOptions): Promise<FlushResult> {
    return this.door.parts.queue.flush(options);
  }

  /**
   * Sends what has ended. Resolves when the server has it, or after
   * `flushTimeoutMs`; never rejects.
   */
  async forceFlush(): Promise<void> {
    await this.flush();
  }

  /**
   * Sends what is left, and ends. Never rejects. With a `LangfuseModule` that
   * has this processor it only flushes: the application, which shuts down
   * later than its SDK may, ends the queue.
   */
  async shutdown(): Promise<void> {
    if (this.adopters > 0) return this.forceFlush();
    this.door.forgetExit();
    await this.door.parts.queue.shutdown();
  }

  /** As in the former Langfuse client: {@link LangfuseSpanProcessor.flush}. */
  flushAsync(options?: DeadlineOptions): Promise<FlushResult> {
    return this.flush(options);
  }

  /** As in the former Langfuse client: {@link LangfuseSpanProcessor.shutdown}. */
  shutdownAsync(): Promise<void> {
    return this.shutdown();
  }

  /**
   * A module takes over the queue and its end. Applications that have it at the
   * same time share the queue, which ends with the last of them; one that comes
   * after that begins a new one.
   *
   * @internal
   */
  adopt(ofModule: ResolvedOptions): LangfuseRuntime {
    if (this.door.isShut) this.door = openDoor(this.options, this.logger);
    this.door.forgetExit();
    this.adopters += 1;
    const { requestAttributes, ignoreRoutes } = ofModule;
    const { baggageHosts, trustIncomingBaggage } = ofModule;
    const { metrics, verifyOnBoot } = ofModule;
    const runtime = runtimeOn(this.door.parts, {
      ...this.options,
      requestAttributes,
      ignoreRoutes,
      baggageHosts,
      trustIncomingBaggage,
      metrics,
      verifyOnBoot,
    });
    return {
      ...runtime,
      isLast: () => this.adopters === 1,
      leave: () => {
        this.adopters -= 1;
        return this.adopters === 0;
      },
    };
  }
}

/** A queue, and the way from an SDK's spans into it. */
interface Door {
  readonly parts: LangfuseParts;
  /** Undefined while tracing is off. */
  readonly bridge: SpanBridge | undefined;
  /** Whether the queue has ended. */
  readonly isShut: boolean;
  readonly forgetExit: () => void;
}

function openDoor(options: ResolvedOptions, logger: QueueLogger): Door {
  const parts = createParts(options, logger);
  const { intake, recorder, queue } = parts;
  const hasFilter = options.shouldExportSpan !== undefined;
  const clock = systemClock;
  let isShut = false;
  queue.events$.subscribe({ complete: () => (isShut = true) });
  return {
    parts,
    bridge: intake && new SpanBridge({ recorder, intake, hasFilter, clock }),
    forgetExit: drainBeforeExit({
      queue,
      timeoutMs: options.shutdownTimeoutMs,
    }),
    get isShut() {
      return isShut;
    },
  };
}

const EXPORTER = {
  option: 'exporter',
  message:
    'LangfuseSpanProcessor sends through its own queue and takes no exporter; ' +
    'set baseUrl to send elsewhere.',
};
