/** Queues with a spool, as processes that follow each other on one machine. */
import {
  LangfuseQueue,
  type LangfuseQueueSettings,
  type QueueEvent,
  type QueueRecord,
  type QueueSpool,
} from '../../lib/queue/index.js';
import type { SegmentSpoolSettings } from '../../lib/spool/index.js';
import { Machine, record } from '../spool/support/machine.js';
import { MemoryFiles } from '../spool/support/memory-files.js';
import { FakeClock, settled } from './fake-clock.js';
import { QUEUE_SETTINGS } from './queue-settings.js';
import { ScriptedTransport } from './scripted-transport.js';

/** What a process with a spool is started with. */
export interface SpooledProcessSettings {
  readonly mode?: QueueSpool['mode'];
  readonly queue?: Partial<LangfuseQueueSettings>;
  readonly spool?: Partial<SegmentSpoolSettings>;
  readonly transport?: ScriptedTransport;
}

/** A machine whose processes have queues. */
export class SpoolingMachine {
  readonly files = new MemoryFiles();
  private readonly machine = new Machine(this.files);
  private made = 0;

  /** Starts a process, and lets it find what is there. */
  async start({
    mode = 'overflow',
    queue: queueSettings = {},
    spool: spoolSettings = {},
    transport = new ScriptedTransport(),
  }: SpooledProcessSettings = {}) {
    const clock = new FakeClock();
    const { spool, kill } = this.machine.startOn(clock, spoolSettings);
    const lines: string[] = [];
    const write = (level: string) => (message: string) =>
      void lines.push(`${level}: ${message}`);
    const queue = new LangfuseQueue(
      { ...QUEUE_SETTINGS, ...queueSettings },
      {
        transport,
        clock,
        logger: {
          log: write('log'),
          warn: write('warn'),
          error: write('error'),
        },
        spool: { mode, disk: spool },
      },
    );
    const events: QueueEvent[] = [];
    queue.events$.subscribe((event) => events.push(event));
    await clock.advance(0);
    /** Enqueues new records. Returns their ids. */
    const enqueue = (count: number, bytes = 20): string[] =>
      Array.from({ length: count }, () => {
        const one = this.record(bytes);
        queue.enqueue(one);
        return one.id;
      });
    /** Ids of all that was sent, in order. */
    const sent = () =>
      transport.sent.flatMap(({ records }) => records.map(({ id }) => id));
    const stats = () => {
      const { queued, inFlight, delivered, spooled, dropped } = queue.stats();
      return { queued, inFlight, delivered, spooled, dropped };
    };
    return {
      clock,
      queue,
      spool,
      transport,
      lines,
      events,
      enqueue,
      sent,
      stats,
      kill,
    };
  }

  /** Ids of what a process finds that starts now. */
  async leftBehind(): Promise<string[]> {
    const next = await this.start();
    await next.clock.advance(5_000);
    await settled();
    return next.sent();
  }

  /** Operations that wrote bytes, up to now. */
  get writes(): number {
    return this.files.operations.filter(({ kind }) => kind === 'write').length;
  }

  record(bytes = 20): QueueRecord {
    this.made += 1;
    return record(`r${this.made}`, bytes);
  }
}
