import { expect } from 'vitest';
import type { QueueRecord, SpoolLog } from '../../../lib/queue/index.js';
import { contentOf, Machine, record, type SpoolProcess } from './machine.js';
import { type Fault, MemoryFiles } from './memory-files.js';

/** One thing that may happen; the number chooses among the possibilities. */
export type Step = readonly [
  what:
    | 'keep'
    | 'save new'
    | 'save held'
    | 'take'
    | 'settle'
    | 'reject'
    | 'wait'
    | 'wait long'
    | 'kill'
    | 'close'
    | 'break disk'
    | 'mend disk',
  choice: number,
];

const CODES = ['ENOSPC', 'EIO', 'EMFILE', 'EROFS', 'EDQUOT'];

/**
 * Plays steps on a spool, and knows what has to be on its disk: where each record
 * is that was promised to be safe.
 */
export class SpoolModel {
  readonly machine: Machine;
  process: SpoolProcess;
  /** In memory and on the disk. */
  readonly held = new Map<string, QueueRecord>();
  /** On the disk alone. */
  readonly alone = new Set<string>();
  /**
   * How many operations the disk had done when a record was promised to be safe,
   * and when somebody began to settle it.
   */
  readonly promisedAt = new Map<string, number>();
  readonly settledFrom = new Map<string, number>();
  /** Whether a disk that failed may have left more than was promised. */
  private mayHaveMore = false;
  private offered = 0;

  constructor(
    readonly files = new MemoryFiles(),
    settings: ConstructorParameters<typeof Machine>[1] = {},
  ) {
    this.machine = new Machine(files, settings);
    this.process = this.machine.start();
  }

  /** What the next process has to find. */
  get promised(): Set<string> {
    return new Set([...this.held.keys(), ...this.alone]);
  }

  play([what, choice]: Step): void {
    const { spans, clock, spool } = this.process;
    const count = 1 + (choice % 5);
    switch (what) {
      case 'keep':
        for (let i = 0; i < count; i++) this.keep(this.next(choice));
        break;
      case 'save new': {
        const fresh = Array.from({ length: 3 * count }, () =>
          this.next(choice),
        );
        const safe = spans.save(fresh);
        for (const { id } of fresh.slice(0, safe)) {
          this.alone.add(id);
          this.promise(id);
        }
        if (!this.mayHaveMore) expect(safe).toBe(fresh.length);
        break;
      }
      case 'save held': {
        const some = this.some(count);
        const safe = spans.save(some);
        for (const { id } of some.slice(0, safe)) {
          this.held.delete(id);
          this.alone.add(id);
        }
        break;
      }
      case 'take':
        for (const one of spans.take(2 * count, 2_000)) {
          checkContent(one);
          // What was promised to nobody may be found, once.
          if (!this.mayHaveMore) expect(this.alone).toContain(one.id);
          this.alone.delete(one.id);
          this.held.set(one.id, one);
        }
        break;
      case 'settle':
      case 'reject': {
        const some = this.some(count);
        for (const { id } of some) {
          this.settledFrom.set(id, this.files.operations.length);
        }
        if (what === 'settle') spans.settle(some);
        else spans.reject(some);
        for (const { id } of some) this.held.delete(id);
        break;
      }
      case 'wait':
        clock.advance(5_000);
        break;
      case 'wait long':
        clock.advance(61_000);
        break;
      case 'kill':
        this.restart(() => this.process.kill());
        break;
      case 'close':
        // What is in memory is lost with it, as after a kill.
        this.restart(() => {
          spool.close();
          this.process.kill();
        });
        break;
      case 'break disk':
        this.mayHaveMore = true;
        this.files.fault = this.faultOf(choice);
        break;
      case 'mend disk':
        this.files.fault = () => undefined;
        break;
    }
    if (this.mayHaveMore) return;
    expect(this.process.spans.waiting).toBe(this.alone.size);
  }

  /** All records that a process finds which starts now. */
  recover(): QueueRecord[] {
    this.files.fault = () => undefined;
    this.restart(() => this.process.kill());
    return recoverAll(this.process.spans);
  }

  private keep(one: QueueRecord): void {
    const kept = this.process.spans.keep(one);
    if (kept !== one) {
      this.held.set(one.id, kept);
      this.promise(one.id);
    } else if (!this.mayHaveMore) expect.unreachable('the disk took nothing');
  }

  private promise(id: string): void {
    this.promisedAt.set(id, this.files.operations.length);
  }

  private restart(end: () => void): void {
    end();
    for (const id of this.held.keys()) this.alone.add(id);
    this.held.clear();
    this.process = this.machine.start();
    // What hosts in other places have left is safe after half a minute.
    this.process.clock.advance(40_000);
  }

  private some(count: number): QueueRecord[] {
    return [...this.held.values()].slice(0, count);
  }

  private next(choice: number): QueueRecord {
    const id = `r${(this.offered += 1)}`;
    return record(id, (choice * this.offered) % 700);
  }

  private faultOf(choice: number): Fault {
    const code = CODES[choice % CODES.length]!;
    let calls = choice % 7;
    return (call) => {
      if (call === 'stat' || call === 'list') return undefined;
      calls -= 1;
      return calls < 0 ? code : undefined;
    };
  }
}

/** Settles all that waits, and checks that nothing of it is made up. */
export function recoverAll(spans: SpoolLog): QueueRecord[] {
  const found: QueueRecord[] = [];
  for (;;) {
    const some = spans.take(100, 1_000_000);
    if (some.length === 0) return found;
    for (const one of some) checkContent(one);
    found.push(...some);
    spans.settle(some);
  }
}

function checkContent({ id, bytes }: QueueRecord): void {
  if (contentOf(id, bytes.byteLength).equals(bytes)) return;
  expect.unreachable(`${id} is not what was written`);
}
