import { Subject } from 'rxjs';
import type {
  Batch,
  DestinationState,
  Settlement,
  Transport,
} from '../../lib/queue/index.js';

/** A request that waits for the test to answer it. */
export interface PendingSend {
  readonly batch: Batch;
  answer(settlement: Settlement): void;
  accept(): void;
}

/** A transport that does what the test says, when it says so. */
export class ScriptedTransport implements Transport {
  readonly state$ = new Subject<DestinationState>();
  readonly stats = { requests: 0, retries: 0, resentAfterUnknown: 0 };
  readonly sent: Batch[] = [];
  readonly pending: PendingSend[] = [];
  accepting = true;
  isClosed = false;
  hastened = 0;

  /** @param accepts whether every batch is accepted as it comes */
  constructor(private readonly accepts = true) {}

  send(batch: Batch, signal: AbortSignal): Promise<Settlement> {
    this.sent.push(copyOf(batch));
    const delivered = batch.records.length;
    if (this.accepts) return Promise.resolve({ delivered, rejected: 0 });
    return new Promise((resolve) => {
      const answer = (settlement: Settlement) => {
        this.pending.splice(this.pending.indexOf(send), 1);
        resolve(settlement);
      };
      const accept = () => answer({ delivered, rejected: 0 });
      const send: PendingSend = { batch, answer, accept };
      this.pending.push(send);
      signal.addEventListener('abort', () =>
        answer({ delivered: 0, rejected: 0, rest: batch.records }),
      );
    });
  }

  acceptAll(): void {
    for (const send of this.pending.slice()) send.accept();
  }

  fail(cause: string): void {
    this.accepting = false;
    this.state$.next({
      concerns: 'destination',
      status: 'failing',
      endpoint: 'http://test/',
      cause,
    });
  }

  recover(): void {
    this.accepting = true;
    this.state$.next({ concerns: 'destination', status: 'ready' });
  }

  isFree(): boolean {
    return this.accepting;
  }

  hasten(): void {
    this.hastened += 1;
  }

  close(): void {
    this.isClosed = true;
  }
}

/** As it was sent: its memory is used again as soon as it is settled. */
function copyOf(batch: Batch): Batch {
  const records = batch.records.map((record) => ({
    ...record,
    bytes: record.bytes.slice(),
  }));
  return { ...batch, records };
}
