import { type Observable, Subject } from 'rxjs';
import type { Clock, DestinationState } from '../queue/index.js';

/** Upper bounds of the back-off: doubled at each failure in a row. */
const BACKOFF = {
  /** The destination is unwell: it may be back at any moment. */
  destination: { firstMs: 500, maxMs: 30_000 },
  /** A person has to change something. */
  config: { firstMs: 30_000, maxMs: 300_000 },
} as const;

/** A failure that concerns everything sent to the destination. */
export interface GateFailure {
  readonly kind: keyof typeof BACKOFF;
  readonly endpoint: string;
  readonly cause: string;
  readonly retryAfterMs?: number | undefined;
}

/** The right to send one request; it is handed back with what came of it. */
export interface Pass {
  /** The destination answered: it takes requests. */
  succeeded(): void;
  failed(failure: GateFailure): void;
  /** The request was given up before it had a result. */
  abandoned(): void;
}

type GateState =
  /** Requests pass freely. */
  | 'passing'
  /** Nothing passes until the back-off is over. */
  | 'blocked'
  /** The back-off is over: the next request may try. */
  | 'half-open'
  /** One request tries; the others wait for its result. */
  | 'trying';

/**
 * Stands before one destination, for all that is sent there: the server's rate
 * limit and its outages are one for all. After a failure nothing passes until
 * the back-off is over (full jitter, after what the server asked for); then a
 * single request tries, and its result decides for all who wait.
 */
export class Gate {
  readonly state$: Observable<DestinationState>;
  private readonly states = new Subject<DestinationState>();
  private readonly waiting = new Set<(pass: Pass) => void>();
  private state: GateState = 'passing';
  private failures = 0;
  /** Counts the times the gate was blocked, to tell a late failure apart. */
  private round = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {
    this.state$ = this.states.asObservable();
  }

  /** Whether a request would pass at once. */
  get isFree(): boolean {
    return this.state === 'passing' || this.state === 'half-open';
  }

  /** Waits for the right to send. Undefined when `signal` aborts first. */
  async pass(signal: AbortSignal): Promise<Pass | undefined> {
    if (signal.aborted) return undefined;
    if (this.isFree) return this.admit();
    return new Promise((resolve) => {
      const admitted = (pass: Pass) => {
        signal.removeEventListener('abort', aborted);
        resolve(pass);
      };
      const aborted = () => {
        this.waiting.delete(admitted);
        resolve(undefined);
      };
      this.waiting.add(admitted);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  private admit(): Pass {
    if (this.state === 'half-open') this.state = 'trying';
    const { round } = this;
    // Requests that were under way together fail together: the first of them
    // blocks the gate, and the others must not count as further failures.
    const ifCurrent = (act: () => void) => {
      if (round === this.round) act();
    };
    return {
      succeeded: () => ifCurrent(() => this.unblock()),
      failed: (failure) => ifCurrent(() => this.block(failure)),
      abandoned: () => ifCurrent(() => this.letNextTry()),
    };
  }

  private unblock(): void {
    if (this.state === 'passing') return;
    this.state = 'passing';
    this.failures = 0;
    for (const admitted of this.waiting) admitted(this.admit());
    this.waiting.clear();
    this.states.next({ status: 'ready' });
  }

  private block({ kind, endpoint, cause, retryAfterMs }: GateFailure): void {
    const { firstMs, maxMs } = BACKOFF[kind];
    const ceiling = Math.min(maxMs, firstMs * 2 ** this.failures);
    this.state = 'blocked';
    this.round += 1;
    this.failures += 1;
    this.clock.after((retryAfterMs ?? 0) + this.random() * ceiling, () => {
      this.state = 'half-open';
      this.letNextTry();
    });
    this.states.next({ status: 'failing', endpoint, cause });
  }

  private letNextTry(): void {
    if (this.state === 'trying') this.state = 'half-open';
    if (this.state !== 'half-open') return;
    for (const admitted of this.waiting) {
      this.waiting.delete(admitted);
      return admitted(this.admit());
    }
    // Nobody waits: whoever comes next is to try.
    this.states.next({ status: 'ready' });
  }
}
