/** The built quickstart as a child process, as `npm start` runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { MAIN, ROOT } from './quickstart-build.js';

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class QuickstartProcess {
  /** Everything that was printed so far. */
  output = '';
  private readonly child: ChildProcess;
  private readonly ending: Promise<Ending>;
  private hasEnded = false;
  private readonly watchers = new Set<() => void>();

  /** @param env all that it sees of the environment, besides `PATH`. */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [MAIN], {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        QUICKSTART_PORT: '0',
        // The queue checks its books after every change.
        NESTJS_LANGFUSE_AUDIT: '1',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.notify();
      });
    }
    // 'close' and not 'exit': all output has been read by then.
    this.ending = once(this.child, 'close').then(([code, signal]): Ending => {
      this.hasEnded = true;
      this.notify();
      return { code, signal };
    });
  }

  /** The address of the application. */
  get url(): string {
    return /application {2}(\S+)/.exec(this.output)?.[1] ?? '';
  }

  /** Waits until the whole output matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(this.output);
        if (!match && !this.hasEnded) return;
        this.watchers.delete(check);
        if (match) resolve(match);
        else reject(new Error(`It ended without ${pattern}:\n${this.output}`));
      };
      this.watchers.add(check);
      check();
    });
  }

  /** Answers with the status and the parsed body. */
  async post(path: string, body: unknown) {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      body: (await response.json()) as Readonly<Record<string, unknown>>,
    };
  }

  /** Ctrl-C. A process that needs longer is killed, which its ending shows. */
  async interrupt(withinMs: number): Promise<Ending> {
    this.child.kill('SIGINT');
    const deadline = setTimeout(() => this.kill(), withinMs);
    const ending = await this.ending;
    clearTimeout(deadline);
    return ending;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private notify(): void {
    for (const check of this.watchers) check();
  }
}
