/** The application, as a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

const IMPORTS = ['end-with-parent.js', '../instrumentation.js'].flatMap(
  (file) => ['--import', new URL(file, import.meta.url).href],
);

export class ServerProcess {
  private constructor(
    /** Where it listens. */
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** @throws Error when it ends before it listens. */
  static async start(): Promise<ServerProcess> {
    const child = fork(new URL('../server.js', import.meta.url), {
      execArgv: IMPORTS,
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the server ended before it listened');
    });
    const [url] = await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
    return new ServerProcess(String(url), child);
  }

  /** As an orchestrator does it. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
