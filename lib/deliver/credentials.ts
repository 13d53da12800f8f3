import type { Clock } from '../queue/index.js';

/** The keys of a project, or in a few words why there are none. */
export type CredentialsReading =
  | {
      readonly ok: true;
      readonly publicKey: string;
      readonly secretKey: string;
    }
  | { readonly ok: false; readonly problem: string };

/** Reads the keys. Never throws, never rejects; may take its time. */
export type ReadCredentials = () =>
  CredentialsReading | Promise<CredentialsReading>;

/** Headers that say who sends. */
export type AuthHeaders = Readonly<Record<string, string>>;

/** What reading the keys came to. */
export type Authentication =
  | { readonly ok: true; readonly headers: AuthHeaders }
  | { readonly ok: false; readonly problem: string };

/**
 * The keys as they were read last. They are read before the first request, and
 * again before each probe: a key that was replaced is found without a restart.
 */
export class Credentials {
  private last: Authentication | undefined;

  constructor(
    private readonly read: ReadCredentials,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {}

  /** Undefined when `signal` aborts first. */
  async current(signal: AbortSignal): Promise<Authentication | undefined> {
    return this.last?.ok ? this.last : this.refresh(signal);
  }

  /**
   * Reads the keys anew. Good ones stay in use while new ones cannot be read.
   * Undefined when `signal` aborts first.
   */
  async refresh(signal: AbortSignal): Promise<Authentication | undefined> {
    const reading = this.read();
    const came =
      reading instanceof Promise ? await this.inTime(reading, signal) : reading;
    if (came === undefined) return undefined;
    if (came.ok || !this.last?.ok) this.last = authentication(came);
    return this.last;
  }

  private inTime(
    reading: Promise<CredentialsReading>,
    signal: AbortSignal,
  ): Promise<CredentialsReading | undefined> {
    const { clock, timeoutMs } = this;
    return new Promise((resolve) => {
      const settle = (came: CredentialsReading | undefined) => {
        timer.cancel();
        signal.removeEventListener('abort', abort);
        resolve(came);
      };
      const abort = () => settle(undefined);
      const timer = clock.after(timeoutMs, () => {
        settle({ ok: false, problem: `none came within ${timeoutMs} ms` });
      });
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort);
      void reading.then(settle);
    });
  }
}

function authentication(reading: CredentialsReading): Authentication {
  if (!reading.ok) return reading;
  const { publicKey, secretKey } = reading;
  const basic = Buffer.from(`${publicKey}:${secretKey}`).toString('base64');
  return {
    ok: true,
    headers: {
      authorization: `Basic ${basic}`,
      'x-langfuse-public-key': publicKey,
    },
  };
}
