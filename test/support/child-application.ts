/**
 * A fixture as a process of its own, which runs the built package: only there
 * can signals, exit codes and the end of an event loop be seen.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class ChildApplication {
  /** All that it has printed so far, to stdout and stderr. */
  output = '';
  /** How it ended, once all its output has been read. */
  readonly ended: Promise<Ending>;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly watchers = new Set<() => void>();

  /**
   * @param env all that it sees of the environment, besides `PATH`. It is
   *   killed when the test ends, should it still run then.
   */
  constructor(
    fixture: URL,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    const { PATH = '' } = process.env;
    this.child = spawn(process.execPath, [fileURLToPath(fixture), ...args], {
      env: { PATH, NO_COLOR: '1', NESTJS_LANGFUSE_AUDIT: '1', ...env },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.notify();
      });
    }
    // It may end before it has read what it was told.
    this.child.stdin.on('error', () => undefined);
    this.ended = once(this.child, 'close').then(([code, signal]): Ending => {
      this.notify();
      return { code, signal };
    });
    onTestFinished(async () => {
      this.child.kill('SIGKILL');
      await this.ended;
    });
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves as soon as the output matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(this.output);
        if (!match && this.isRunning) return;
        this.watchers.delete(check);
        if (match) resolve(match);
        else reject(new Error(`It ended without ${pattern}:\n${this.output}`));
      };
      this.watchers.add(check);
      check();
    });
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** As `ended`; a process that needs longer is killed, which its ending shows. */
  async endsWithin(ms: number): Promise<Ending> {
    const deadline = setTimeout(() => this.child.kill('SIGKILL'), ms);
    const ending = await this.ended;
    clearTimeout(deadline);
    return ending;
  }

  private notify(): void {
    for (const check of this.watchers) check();
  }
}
