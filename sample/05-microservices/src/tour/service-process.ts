/** One of the services, in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export class ServiceProcess<Ready> {
  private constructor(
    private readonly child: ChildProcess,
    /** What the service said when it was ready. */
    readonly ready: Ready,
  ) {}

  /** @throws Error when the service ends instead of starting. */
  static async start<Ready>(
    name: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess<Ready>> {
    const program = new URL(`../${name}/main.js`, import.meta.url);
    const child = fork(program, {
      // Tells in the traces who recorded what.
      env: { ...process.env, OTEL_SERVICE_NAME: name, ...env },
    });
    process.once('exit', () => child.kill());
    const [ready] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`the service ${name} did not start`);
      }),
    ])) as [Ready];
    return new ServiceProcess(child, ready);
  }

  /** The service drains its queue and ends. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}
