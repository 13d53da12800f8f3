/**
 * Plays AWS Lambda on this machine: one process for a function, which is frozen
 * (SIGSTOP) as soon as it has answered, and runs again (SIGCONT) for the next
 * event. It is ended without a warning (SIGKILL).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import type { Invocation, Outcome } from './invocation.js';

/** Lambda's own default. */
const TIMEOUT_MS = 3_000;

export class LocalLambda {
  private last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly child: ChildProcess) {
    process.once('exit', () => child.kill('SIGKILL'));
  }

  /** @param handler - The module that exports the function's handler. */
  static async start(handler: URL): Promise<LocalLambda> {
    const runtime = new URL('function-process.js', import.meta.url);
    const child = fork(runtime, [handler.href]);
    await answerOf(child);
    child.kill('SIGSTOP');
    return new LocalLambda(child);
  }

  /** Where Lambda would start another process, this one waits for its turn. */
  invoke(body: string): Promise<Outcome> {
    const outcome = this.last.then(() => this.invokeNow(body));
    this.last = outcome.catch(() => undefined);
    return outcome;
  }

  /** An invocation that runs is waited for. */
  async end(): Promise<void> {
    await this.last;
    const ended = once(this.child, 'exit');
    if (this.child.kill('SIGKILL')) await ended;
  }

  private async invokeNow(body: string): Promise<Outcome> {
    const invocation: Invocation = {
      // As much of it as the function reads.
      event: { version: '2.0', body } as LambdaFunctionURLEvent,
      awsRequestId: randomUUID(),
      deadline: Date.now() + TIMEOUT_MS,
    };
    this.child.kill('SIGCONT');
    this.child.send(invocation);
    const outcome = (await answerOf(this.child)) as Outcome;
    this.child.kill('SIGSTOP');
    return outcome;
  }
}

/** @throws Error when the process ends before it has said anything. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error('the process of the function ended');
    });
    const [answer] = await Promise.race([
      once(child, 'message', { signal }),
      ended,
    ]);
    return answer as unknown;
  } finally {
    settled.abort();
  }
}
