import type {
  Clock,
  LaneName,
  QueueRecord,
  SpoolEvent,
  SpoolLog,
  Timer,
} from '../../../lib/queue/index.js';
import {
  SegmentSpool,
  type SegmentSpoolSettings,
} from '../../../lib/spool/index.js';
import type { ProcessIdentity } from '../../../lib/spool/process-table.js';
import type { SpoolFileSystem } from '../../../lib/spool/spool-file-system.js';
import { MemoryFiles, USER_ID, WALL_TIME } from './memory-files.js';

/** Time that goes on when it is told to, without a promise in between. */
export class StepClock implements Clock {
  private time = 0;
  private readonly alarms = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.time;
  }

  after(delayMs: number, callback: () => void): Timer {
    const alarm = { at: this.time + delayMs, callback };
    this.alarms.add(alarm);
    return { cancel: () => this.alarms.delete(alarm) };
  }

  afterHolding(delayMs: number, callback: () => void): Timer {
    return this.after(delayMs, callback);
  }

  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const [next] = [...this.alarms].toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) break;
      this.alarms.delete(next);
      this.time = next.at;
      next.callback();
    }
    this.time = until;
  }
}

export const SETTINGS: SegmentSpoolSettings = {
  dir: '/var/spool',
  destination: 'https://langfuse.example pk-lf-1',
  origin: Buffer.from('origin'),
  restore: (_, bytes) => bytes,
  fsync: 'never',
  maxBytes: 256 * 1024 * 1024,
  maxAgeMs: 24 * 3_600_000,
  minFreeBytes: 0,
};

/** A process with a spool, and what its spool told. */
export interface SpoolProcess {
  readonly identity: ProcessIdentity;
  readonly clock: StepClock;
  readonly spool: SegmentSpool;
  readonly spans: SpoolLog;
  readonly scores: SpoolLog;
  /** After all that was told so far. */
  events(): Promise<SpoolEvent[]>;
  /** As `kill -9` does it. */
  kill(): void;
}

/** A machine with a disk, on which processes come and go. */
export class Machine {
  /** No two machines of a test have processes with the same pid. */
  private static pids = 0;
  wallNow = WALL_TIME;
  private pids = Machine.pids++ * 1_000;
  private readonly alive = new Set<number>();

  constructor(
    readonly files: SpoolFileSystem = new MemoryFiles(),
    private readonly settings: Partial<SegmentSpoolSettings> = {},
    readonly host = 'host',
  ) {
    if (files instanceof MemoryFiles && !files.stat('/var')) {
      files.makeFolder('/var');
      files.syncFolder('/');
    }
  }

  /** @param options.opens Whether it takes over at once what others left. */
  start(
    settings: Partial<SegmentSpoolSettings> = {},
    { opens = true }: { readonly opens?: boolean } = {},
  ): SpoolProcess {
    const clock = new StepClock();
    const { spool, ...process } = this.startOn(clock, settings);
    const told: SpoolEvent[] = [];
    spool.events$.subscribe((event) => told.push(event));
    if (opens) {
      spool.open();
      clock.advance(0);
    }
    const events = async () => {
      await Promise.resolve();
      return told;
    };
    const { spans, scores } = spool.logs;
    return { ...process, clock, spool, spans, scores, events };
  }

  /**
   * A process whose time is that of `clock`, with a spool that is not open.
   *
   * @param files What it takes for the machine's disk.
   */
  startOn(
    clock: Clock,
    settings: Partial<SegmentSpoolSettings> = {},
    files = this.files,
  ): Pick<SpoolProcess, 'identity' | 'spool' | 'kill'> {
    const pid = (this.pids += 1);
    this.alive.add(pid);
    const identity = { pid, host: this.host };
    const isAlive = (other: ProcessIdentity) =>
      other.host === this.host ? this.alive.has(other.pid) : undefined;
    const spool = new SegmentSpool(
      { ...SETTINGS, ...this.settings, ...settings },
      {
        clock,
        fs: files,
        processes: { self: identity, isAlive },
        wallNow: () => this.wallNow,
        ...(this.files instanceof MemoryFiles ? { userId: USER_ID } : {}),
      },
    );
    const kill = () => {
      this.alive.delete(pid);
    };
    return { identity, spool, kill };
  }
}

export function record(
  id: string,
  bytes = 20,
  lane: LaneName = 'spans',
): QueueRecord {
  return { lane, id, bytes: contentOf(id, bytes) };
}

export function records(
  count: number,
  prefix = 'r',
  bytes?: number,
): QueueRecord[] {
  return Array.from({ length: count }, (_, i) =>
    record(`${prefix}${i}`, bytes),
  );
}

/** Bytes that tell whose they are. */
export function contentOf(id: string, bytes: number): Buffer {
  return Buffer.alloc(bytes, `${id};`);
}

/** All that waits on the disk. */
export function takeAll(log: SpoolLog): QueueRecord[] {
  const all: QueueRecord[] = [];
  for (;;) {
    const some = log.take(100, 1_000_000);
    if (some.length === 0) return all;
    all.push(...some.map((one) => ({ ...one, bytes: Buffer.from(one.bytes) })));
    log.settle(some);
  }
}

export function ids(taken: readonly QueueRecord[]): string[] {
  return taken.map(({ id }) => id);
}
