/** What a receiver can be told, and what it tells. */
import type {
  LocalObservation,
  LocalRequest,
  LocalScore,
  LocalTrace,
} from './records.js';

/**
 * Options of {@link startLangfuseLocal}.
 *
 * @publicApi
 */
export interface LangfuseLocalOptions {
  /** TCP port; 0 takes a free one. @defaultValue 0 */
  readonly port?: number;
  /** Address to listen on. @defaultValue '127.0.0.1' */
  readonly host?: string;
  /**
   * With this or `secretKey`, requests need the secret key. Without both, any
   * well-formed pair passes. @defaultValue 'pk-lf-local'
   */
  readonly publicKey?: string;
  /** See `publicKey`. @defaultValue 'sk-lf-local' */
  readonly secretKey?: string;
  /**
   * Largest OTLP body in bytes, as sent and after gzip is undone; a larger one
   * is answered with 413. @defaultValue 64 MiB
   */
  readonly maxBodyBytes?: number;
  /** Traces that are kept; the oldest go first. @defaultValue 10,000 */
  readonly maxTraces?: number;
  /** Bytes that are kept, about; the oldest go first. @defaultValue 256 MiB */
  readonly maxStoredBytes?: number;
  /** Requests that are kept in the log. @defaultValue 10,000 */
  readonly maxRequests?: number;
  /**
   * Milliseconds without news after which a trace whose root is here is
   * reported. @defaultValue 300
   */
  readonly traceQuietMs?: number;
  /** Report a trace again when more of it arrives. @defaultValue false */
  readonly repeatTraces?: boolean;
  /** Short for `on('trace', …)`, from the very start. */
  readonly onTrace?: (trace: LocalTrace) => void;
}

/**
 * Events of {@link LangfuseLocalServer}. Those of one request come before it is
 * answered, `request` last.
 *
 * @publicApi
 */
export interface LangfuseLocalEvents {
  /** An observation was stored, the first time or again. */
  observation: [observation: LocalObservation];
  /** A score was stored, or written over. */
  score: [score: LocalScore];
  /** A trace is complete enough to be looked at. */
  trace: [trace: LocalTrace];
  /** A request is about to be answered. */
  request: [request: LocalRequest];
  /** The receiver does not listen any more. */
  close: [];
}

/** Every option with a default, filled in. */
export type LangfuseLocalSettings = Required<
  Omit<LangfuseLocalOptions, 'onTrace'>
>;

const DEFAULTS: LangfuseLocalSettings = {
  port: 0,
  host: '127.0.0.1',
  publicKey: 'pk-lf-local',
  secretKey: 'sk-lf-local',
  maxBodyBytes: 64 * 1024 * 1024,
  maxTraces: 10_000,
  maxStoredBytes: 256 * 1024 * 1024,
  maxRequests: 10_000,
  traceQuietMs: 300,
  repeatTraces: false,
};

/** Defaults stand in for options that are left out or undefined. */
export function withDefaults(
  options: LangfuseLocalOptions,
): LangfuseLocalSettings {
  return {
    port: options.port ?? DEFAULTS.port,
    host: options.host ?? DEFAULTS.host,
    publicKey: options.publicKey ?? DEFAULTS.publicKey,
    secretKey: options.secretKey ?? DEFAULTS.secretKey,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULTS.maxBodyBytes,
    maxTraces: options.maxTraces ?? DEFAULTS.maxTraces,
    maxStoredBytes: options.maxStoredBytes ?? DEFAULTS.maxStoredBytes,
    maxRequests: options.maxRequests ?? DEFAULTS.maxRequests,
    traceQuietMs: options.traceQuietMs ?? DEFAULTS.traceQuietMs,
    repeatTraces: options.repeatTraces ?? DEFAULTS.repeatTraces,
  };
}
