import { type Observable, Subject } from 'rxjs';
import type { Clock, DestinationState, Timer } from '../queue/index.js';

/**
 * The ceilings of the back-off: doubled at each failure in a row. The delay is
 * between half of the ceiling and all of it: with less of a floor a run of bad
 * luck would knock at a server that is down many times a second.
 */
const BACKOFF = {
  /** The destination is unwell: it may be back at any moment. */
  destination: { firstMs: 1_000, maxMs: 30_000 },
  /** A person has to change something. */
  config: { firstMs: 30_000, maxMs: 300_000 },
} as const;

/** A failure that concerns everything sent through a gate. */
export interface GateFailure {
  readonly kind: keyof typeof BACKOFF;
  readonly endpoint: string;
  readonly cause: string;
  readonly retryAfterMs?: number | undefined;
}

/** The right to send one request; it is handed back with what came of it. */
export interface Pass {
  /** Whether the gate was not blocked since it gave this pass. */
  isCurrent(): boolean;
  /** The destination took the request. */
  succeeded(): void;
  failed(failure: GateFailure): void;
  /** The request was given up before it had a result. */
  abandoned(): void;
}

/** What a gate works with. */
export interface GateDependencies {
  /** What stands behind it. */
  readonly concerns: DestinationState['concerns'];
  readonly clock: Clock;
  readonly random: () => number;
  /**
   * Asks whether requests are taken again; undefined says yes. `isCurrent` is
   * false once nobody wants to know any more.
   */
  readonly probe: (
    isCurrent: () => boolean,
  ) => Promise<GateFailure | undefined>;
}

/** A change of state, as it is told. */
type GateNews =
  | { readonly status: 'ready' | 'half-open' }
  | {
      readonly status: 'failing';
      readonly endpoint: string;
      readonly cause: string;
    };

/** A wait that is under way. */
interface Backoff {
  readonly timer: Timer;
  /** Up to here the server asked for the wait. */
  readonly notBefore: number;
  /** The rest of it is ours. */
  readonly spreadMs: number;
}

type GateState =
  /** Requests pass freely. */
  | 'passing'
  /** Nothing passes until the back-off is over. */
  | 'blocked'
  /** The back-off is over: whoever comes next has the probe sent. */
  | 'half-open'
  /** The probe is under way. */
  | 'probing'
  /** The probe was taken: one real request may try. */
  | 'probed'
  /** It tries; the others wait for its result. */
  | 'trying';

/**
 * Stands before a destination. After a failure nothing passes until the
 * back-off is over. Then a probe asks first, one that carries no data and so
 * can duplicate none; and since a server may take a probe while it cannot store
 * data, a single request tries before the others follow. Only its success ends
 * the back-off.
 */
export class Gate {
  readonly state$: Observable<DestinationState>;
  private readonly states = new Subject<DestinationState>();
  private readonly waiting = new Set<(pass: Pass) => void>();
  private state: GateState = 'passing';
  private failures = 0;
  private backoff: Backoff | undefined;
  /** Counts the times the gate was blocked, to tell a late failure apart. */
  private round = 0;
  private probeIsOut = false;

  constructor(private readonly dependencies: GateDependencies) {
    this.state$ = this.states.asObservable();
  }

  /**
   * Whether it is worth coming. While somebody tries it is, too: whose request
   * fails again goes to the end of the line, so that one which the server can
   * never take does not keep all others out.
   */
  get isFree(): boolean {
    return this.state !== 'blocked';
  }

  /** Waits for the right to send. Undefined when `signal` aborts first. */
  async pass(signal: AbortSignal): Promise<Pass | undefined> {
    if (signal.aborted) return undefined;
    if (this.state === 'passing' || this.state === 'probed')
      return this.admit();
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
      void this.sendProbe();
    });
  }

  /** Ends a back-off now, unless the server asked for the wait. */
  hasten(): void {
    const { backoff } = this;
    if (!backoff || this.dependencies.clock.now() < backoff.notBefore) return;
    backoff.timer.cancel();
    this.endBackoff();
  }

  /** Blocks it for a failure that showed elsewhere. */
  shut(failure: GateFailure): void {
    this.block(failure);
  }

  private admit(): Pass {
    if (this.state === 'probed') this.state = 'trying';
    const { round } = this;
    // Requests that were under way together fail together: the first of them
    // blocks the gate, and the others must not count as further failures.
    const ifCurrent = (act: () => void) => {
      if (round === this.round) act();
    };
    return {
      isCurrent: () => round === this.round,
      succeeded: () => ifCurrent(() => this.unblock()),
      failed: (failure) =>
        round === this.round ? this.block(failure) : this.prolong(failure),
      abandoned: () => ifCurrent(() => this.letAnotherTry()),
    };
  }

  private unblock(): void {
    if (this.state === 'passing') return;
    this.state = 'passing';
    this.failures = 0;
    for (const admitted of this.waiting) admitted(this.admit());
    this.waiting.clear();
    this.tell({ status: 'ready' });
  }

  private block({ kind, endpoint, cause, retryAfterMs }: GateFailure): void {
    const { clock, random } = this.dependencies;
    const { firstMs, maxMs } = BACKOFF[kind];
    const ceilingMs = Math.min(maxMs, firstMs * 2 ** this.failures);
    const backoffMs = (ceilingMs * (1 + random())) / 2;
    const askedMs = retryAfterMs ?? 0;
    this.state = 'blocked';
    this.round += 1;
    this.failures += 1;
    this.wait(clock.now() + askedMs, backoffMs);
    this.tell({ status: 'failing', endpoint, cause });
  }

  /** A late failure counts for nothing, but what its server asks for counts. */
  private prolong(failure: GateFailure): void {
    const { retryAfterMs } = failure;
    if (retryAfterMs === undefined) return;
    if (!this.backoff) return this.block(failure);
    const notBefore = this.dependencies.clock.now() + retryAfterMs;
    if (notBefore <= this.backoff.notBefore) return;
    this.wait(notBefore, this.backoff.spreadMs);
  }

  private wait(notBefore: number, spreadMs: number): void {
    const { clock } = this.dependencies;
    const delayMs = notBefore - clock.now() + spreadMs;
    this.backoff?.timer.cancel();
    const timer = clock.after(delayMs, () => this.endBackoff());
    this.backoff = { timer, notBefore, spreadMs };
  }

  private endBackoff(): void {
    this.backoff = undefined;
    this.state = 'half-open';
    this.tell({ status: 'half-open' });
    if (this.waiting.size > 0) void this.sendProbe();
  }

  private async sendProbe(): Promise<void> {
    if (this.state !== 'half-open' || this.probeIsOut) return;
    this.state = 'probing';
    this.probeIsOut = true;
    const { round } = this;
    const isCurrent = () => round === this.round;
    const failure = await this.dependencies.probe(isCurrent);
    this.probeIsOut = false;
    if (round !== this.round) {
      // A late answer to an earlier request has blocked it meanwhile, perhaps
      // for less time than this probe took.
      if (this.waiting.size > 0) void this.sendProbe();
    } else if (failure) {
      this.block(failure);
    } else {
      this.state = 'probed';
      this.letAnotherTry();
    }
  }

  private letAnotherTry(): void {
    if (this.state === 'passing') return;
    this.state = 'probed';
    for (const admitted of this.waiting) {
      this.waiting.delete(admitted);
      return admitted(this.admit());
    }
    this.tell({ status: 'half-open' });
  }

  private tell(news: GateNews): void {
    const { concerns } = this.dependencies;
    this.states.next({ concerns, ...news });
  }
}
