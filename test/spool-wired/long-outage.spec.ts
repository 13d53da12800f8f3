/**
 * An outage of ten minutes at a thousand records a second, in virtual time: the real
 * queue on the real transport and the real disk. `long-outage.mjs` plays two minutes
 * of it on real sockets.
 */
import { expect, it } from 'vitest';
import type {
  Http,
  HttpRequest,
  HttpResult,
} from '../../lib/deliver/http-client.js';
import { LangfuseTransport } from '../../lib/deliver/langfuse-transport.js';
import {
  LangfuseQueue,
  type LangfuseQueueSettings,
} from '../../lib/queue/index.js';
import { SegmentSpool } from '../../lib/spool/index.js';
import { credentials, DESTINATION } from '../simulation/server/destination.js';
import { SILENT } from '../simulation/silent-logger.js';
import { settled, VirtualClock } from '../simulation/virtual-clock.js';
import { QUEUE_SETTINGS } from '../support/queue-settings.js';
import { spoolFolder } from './spool-folder.js';

const MINUTE_MS = 60_000;
const OUTAGE_MS = 10 * MINUTE_MS;
const BEFORE_MS = 5_000;
const AFTER_MS = 2 * MINUTE_MS;
const PER_SECOND = 1_000;
const EVERY_MS = 20;
const RECORD_BYTES = 500;
const MEMORY_BYTES = 64 * 1024 * 1024;

/** A server and the network before it. */
class Server implements Http {
  readonly taken = new Set<string>();
  duplicates = 0;
  firstAfterOutage: number | undefined;

  constructor(
    private readonly clock: VirtualClock,
    private readonly isDown: () => boolean,
  ) {}

  send({ body }: HttpRequest): Promise<HttpResult> {
    return new Promise((resolve) => {
      if (this.isDown()) {
        this.clock.after(1, () => resolve(REFUSED));
        return;
      }
      this.clock.after(20, () => {
        this.take(Buffer.concat(body).toString('latin1'));
        resolve(TAKEN);
      });
    });
  }

  close(): void {}

  private take(text: string): void {
    const ids = text.match(/#\d+#/g) ?? [];
    const isAfter = this.clock.now() > BEFORE_MS + OUTAGE_MS;
    if (ids.length > 0 && isAfter) this.firstAfterOutage ??= this.clock.now();
    for (const id of ids) {
      if (this.taken.has(id)) this.duplicates += 1;
      this.taken.add(id);
    }
  }
}

const REFUSED: HttpResult = {
  kind: 'failure',
  code: 'ECONNREFUSED',
  message: 'connect ECONNREFUSED',
  mayHaveArrived: false,
  onStaleConnection: false,
};

const TAKEN: HttpResult = {
  kind: 'answer',
  status: 200,
  headers: {},
  body: Buffer.alloc(0),
};

/** Those of the module by default, but for memory: its bytes are the bound here. */
const SETTINGS: LangfuseQueueSettings = {
  ...QUEUE_SETTINGS,
  flushAt: 512,
  maxBatchBytes: 3_500_000,
  maxConcurrency: 4,
  maxQueueBytes: MEMORY_BYTES,
  maxQueueSize: 1_000_000,
};

it.each(['overflow', 'event'] as const)(
  '%s: loses nothing, with 64 MiB of memory',
  async (mode) => {
    const clock = new VirtualClock();
    const isDown = () =>
      clock.now() >= BEFORE_MS && clock.now() < BEFORE_MS + OUTAGE_MS;
    const server = new Server(clock, isDown);
    const transport = new LangfuseTransport(
      { timeoutMs: 30_000, destination: DESTINATION, credentials },
      { clock, random: Math.random, http: server },
    );
    const disk = new SegmentSpool(
      {
        dir: spoolFolder(),
        destination: 'simulated',
        origin: new Uint8Array(),
        restore: (_, bytes) => bytes,
        fsync: 'never',
        maxBytes: 1024 * 1024 * 1024,
        minFreeBytes: 0,
        maxAgeMs: 24 * 60 * MINUTE_MS,
      },
      { clock },
    );
    const spool = { mode, disk };
    const queue = new LangfuseQueue(SETTINGS, {
      transport,
      logger: SILENT,
      clock,
      spool,
    });

    const until = BEFORE_MS + OUTAGE_MS + AFTER_MS;
    let recorded = 0;
    let mostBytes = 0;
    let mostSpooled = 0;
    const padding = 'x'.repeat(RECORD_BYTES);
    const work = () => {
      for (let i = 0; i < (PER_SECOND * EVERY_MS) / 1_000; i++) {
        const id = String((recorded += 1));
        const bytes = Buffer.from(`#${id}#${padding}`);
        queue.enqueue({ lane: 'spans', id, bytes });
      }
      const { bytes, spooled } = queue.stats();
      mostBytes = Math.max(mostBytes, bytes);
      mostSpooled = Math.max(mostSpooled, spooled);
      if (clock.now() + EVERY_MS < until) clock.after(EVERY_MS, work);
    };
    clock.after(0, work);
    do await settled();
    while (clock.fireNext(until));
    const { dropped } = queue.stats();
    const end = queue.shutdown();
    do await settled();
    while (clock.fireNext(until + MINUTE_MS));
    const { spooled, pending } = await end;

    const firstMs = server.firstAfterOutage! - BEFORE_MS - OUTAGE_MS;
    process.stdout.write(
      `${mode}: ${recorded} recorded, ${recorded - server.taken.size} lost, ` +
        `${mostSpooled} on the disk at most, ` +
        `${(mostBytes / 2 ** 20).toFixed(1)} MiB of memory at most, ` +
        `first delivery after ${(firstMs / 1_000).toFixed(1)} s\n`,
    );
    expect(dropped).toEqual({});
    expect(server.taken.size).toBe(recorded);
    expect(server.duplicates).toBe(0);
    expect({ spooled, pending }).toEqual({ spooled: 0, pending: 0 });
    expect(mostBytes).toBeLessThanOrEqual(MEMORY_BYTES);
    expect(mostSpooled).toBeGreaterThan(100_000);
    expect(firstMs).toBeLessThanOrEqual(30_000);
  },
  180_000,
);
