/** Stand-ins for what is flushed, and for the platform. */
import type { FlushTarget, WaitUntil } from '../../lib/index.js';

/** Something to flush, which keeps the deadlines that it is given. */
export class Target implements FlushTarget {
  readonly timeouts: number[] = [];
  private readonly held: (() => void)[] = [];

  /** @param isHeld whether flushes wait for `settle()` */
  constructor(private readonly isHeld = false) {}

  flush({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    this.timeouts.push(timeoutMs);
    if (!this.isHeld) return Promise.resolve();
    return new Promise((resolve) => this.held.push(resolve));
  }

  settle(): void {
    for (const resolve of this.held) resolve();
  }
}

/** A platform's `waitUntil`, which keeps what it gets. */
export function platform() {
  const promises: Promise<unknown>[] = [];
  const waitUntil: WaitUntil = (promise) => void promises.push(promise);
  return { promises, waitUntil };
}

/** AWS Lambda's context. */
export function lambda(remainingMs: number) {
  return { getRemainingTimeInMillis: () => remainingMs };
}

/** Whether a promise settles without anything else happening. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => (settled = true);
  promise.then(settle, settle);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}
