/** Where records go instead of the network. */
import { NEVER } from 'rxjs';
import { SDK_VERSION } from '../langfuse.constants.js';
import type { RuntimeTransport } from '../langfuse.runtime.js';
import { InMemoryReceiver } from '../local/index.js';
import type { Batch, QueueRecord, Settlement } from '../queue/index.js';
import {
  encodeBatchFrame,
  frameScores,
  frameSpans,
  SCOPE_NAME,
} from '../wire/index.js';

const FRAME = encodeBatchFrame({
  resource: new Map(),
  scope: { name: SCOPE_NAME, version: SDK_VERSION },
});

/**
 * Hands each record, in the bytes that would be sent, to a receiver that makes
 * of it what a server would. What that refuses is rejected, as by a server.
 */
export class MemoryTransport implements RuntimeTransport {
  readonly receiver = new InMemoryReceiver();
  readonly state$ = NEVER;
  readonly stats = { requests: 0, retries: 0, resentAfterUnknown: 0 };
  isClosed = false;
  private readonly watchers = new Set<() => void>();

  isFree(): boolean {
    return true;
  }

  /** All is decided when it returns; the queue wants a promise. */
  send({ lane, records }: Batch): Promise<Settlement> {
    this.stats.requests += 1;
    const refusals = records.flatMap(({ bytes }) => {
      const refusal = this.receive(lane, bytes);
      return refusal === undefined ? [] : [refusal];
    });
    this.notify();
    const [cause] = refusals;
    return Promise.resolve({
      delivered: records.length - refusals.length,
      rejected: refusals.length,
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** What `getTraceUrl()` says. */
  fetchProjectId(): Promise<string> {
    return Promise.resolve('testing');
  }

  hasten(): void {
    // Nothing ever waits here.
  }

  close(): void {
    this.isClosed = true;
    this.notify();
  }

  /**
   * Calls `check` whenever something has arrived, and at the end.
   *
   * @returns what ends this
   */
  watch(check: () => void): () => void {
    this.watchers.add(check);
    return () => void this.watchers.delete(check);
  }

  /** One by one, so that a record which is refused takes no other with it. */
  private receive(
    lane: QueueRecord['lane'],
    bytes: Uint8Array,
  ): string | undefined {
    return lane === 'spans'
      ? this.receiver.receiveTraces(Buffer.concat(frameSpans(FRAME, [bytes])))
      : this.receiver.receiveScores(Buffer.concat(frameScores([bytes])));
  }

  private notify(): void {
    for (const check of this.watchers) check();
  }
}
