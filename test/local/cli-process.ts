/**
 * Runs the command line tool as a process of its own. The sources are
 * transpiled into a temporary folder, so that a stale build is never tested.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SOURCES = fileURLToPath(new URL('../../lib/local/', import.meta.url));

/** A folder with the transpiled tool. */
export interface BuiltCli {
  run(args: readonly string[], env?: Record<string, string>): CliProcess;
  remove(): Promise<void>;
}

export async function buildCli(): Promise<BuiltCli> {
  const folder = await mkdtemp(join(tmpdir(), 'nestjs-langfuse-local-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of await readdir(SOURCES)) {
    const { outputText } = ts.transpileModule(
      await readFile(join(SOURCES, name), 'utf8'),
      {
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.ESNext,
        },
      },
    );
    await writeFile(join(folder, name.replace(/\.ts$/, '.js')), outputText);
  }
  return {
    run: (args, env = {}) =>
      new CliProcess(
        spawn(process.execPath, [join(folder, 'cli.js'), ...args], {
          env: { ...process.env, ...env },
        }),
      ),
    remove: () => rm(folder, { recursive: true }),
  };
}

export class CliProcess {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<number | null>;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.#exited = once(child, 'close').then(([code]) => code as number | null);
  }

  /** Resolves to the match, as soon as the output has one. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) {
        return match;
      }
      await Promise.race([
        once(this.#child.stdout, 'data'),
        this.#exited.then((code) => {
          throw new Error(`exited with ${code}: ${this.stdout}${this.stderr}`);
        }),
      ]);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code, null when a signal ended the process. */
  exit(): Promise<number | null> {
    return this.#exited;
  }
}
