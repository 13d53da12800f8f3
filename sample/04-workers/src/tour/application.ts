/** One of the two applications, as a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

const END_WITH_PARENT = new URL('end-with-parent.js', import.meta.url).href;

export class Application {
  private constructor(
    /** What it said when it was ready. */
    readonly message: string,
    private readonly child: ChildProcess,
  ) {}

  /** @throws Error when it ends before it is ready. */
  static async start(name: 'api' | 'worker'): Promise<Application> {
    const child = fork(new URL(`../${name}/main.js`, import.meta.url), {
      execArgv: ['--import', END_WITH_PARENT],
      // Tells in the traces who recorded what.
      env: { ...process.env, OTEL_SERVICE_NAME: name },
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${name} ended before it was ready`);
    });
    const [message] = await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
    return new Application(String(message), child);
  }

  /** As an orchestrator does it. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
