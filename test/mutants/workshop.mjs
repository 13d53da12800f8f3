// A copy of the library in which one line at a time is wrong, and what notices.
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = [
  'lib',
  'test',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

/** Seeds that a mutant has to survive. */
const SEEDS = 200;

/** What a run of the unmutated library may take at most. */
const BASELINE_MS = 240_000;

/**
 * What takes so many times as long as without a mutant hangs: far enough from
 * what a machine that is busy now and then does to a run.
 */
const HANGING = 5;
const LEAST_LIMIT_MS = 20_000;

/**
 * A copy in which mutants are planted.
 *
 * @typedef {{ file: string, from: string, to: string }} Plant
 * @typedef {{ ok: boolean, hung: boolean, ms: number, out: string }} Came
 */
export class Workshop {
  #copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  /** The limit of each kind of run in milliseconds. */
  #limits = { simulator: BASELINE_MS, own: BASELINE_MS, all: BASELINE_MS };

  async build() {
    for (const name of COPIED) {
      cpSync(join(ROOT, name), join(this.#copy, name), {
        recursive: true,
        filter: (path) => basename(path) !== 'node_modules',
      });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(this.#copy, 'node_modules'));
    const { ok, out } = await this.#run(
      BASELINE_MS,
      'node_modules/typescript/bin/tsc',
      ['-p', 'test/simulation/tsconfig.json'],
    );
    if (!ok) throw new Error(`The simulator does not build.\n${out}`);
  }

  /**
   * Runs everything without a mutant, which has to be green: else anything
   * would be noticed. From how long that takes follows when a run hangs.
   *
   * @param {{ own: readonly string[], all: readonly string[] }} specs
   */
  async measure(specs) {
    for (const spec of [...specs.own, ...specs.all]) this.#checkIsThere(spec);
    const came = {
      simulator: await this.simulate(),
      own: await this.test('own', specs.own),
      all: await this.test('all', specs.all),
    };
    const limits = {};
    for (const [kind, { ok, ms, out }] of Object.entries(came)) {
      if (!ok) throw new Error(`It fails without any mutant.\n${out}`);
      limits[kind] = Math.max(LEAST_LIMIT_MS, HANGING * Math.ceil(ms));
    }
    this.#limits = limits;
    return { came, limits };
  }

  /** Hands limits on that another workshop has measured. */
  useLimits(limits) {
    this.#limits = limits;
  }

  /**
   * Plants a mutant until `whatNotices` is done. Returns why it cannot be
   * planted, if so.
   *
   * @param {Plant} mutant
   * @param {() => Promise<void>} whatNotices
   */
  async plant({ file, from, to }, whatNotices) {
    const source = join(this.#copy, 'lib', file);
    // Only what the simulator imports is compiled.
    const compiled = join(
      this.#copy,
      'dist-simulation/lib',
      file.replace(/ts$/, 'js'),
    );
    const original = existsSync(compiled) && readFileSync(compiled, 'utf8');
    const text = readFileSync(source, 'utf8');
    const mutated = text.replace(from, () => to);
    const problem = misfit(text, from, mutated);
    if (problem) return problem;
    try {
      writeFileSync(source, mutated);
      if (original) writeFileSync(compiled, transpile(mutated));
      await whatNotices();
    } finally {
      writeFileSync(source, text);
      if (original) writeFileSync(compiled, original);
    }
    return undefined;
  }

  /** @returns {Promise<Came>} */
  simulate() {
    const script = 'dist-simulation/test/simulation/run.js';
    return this.#run(this.#limits.simulator, script, ['--seeds', `${SEEDS}`]);
  }

  /**
   * @param {'own' | 'all'} kind Whether those of one file, or all of them.
   * @param {readonly string[]} specs Parts of the names of spec files.
   * @returns {Promise<Came>}
   */
  test(kind, specs) {
    return this.#run(this.#limits[kind], 'node_modules/vitest/vitest.mjs', [
      'run',
      '--bail=1',
      '--reporter=dot',
      ...specs,
    ]);
  }

  /** Vitest fails when it finds no test at all, as if one had noticed. */
  #checkIsThere(spec) {
    const path = join(this.#copy, spec);
    const [folder, start] = spec.endsWith('/')
      ? [path, '']
      : [dirname(path), basename(path)];
    const isThere = readdirSync(folder).some(
      (name) => name.startsWith(start) && name.endsWith('.spec.ts'),
    );
    if (!isThere) throw new Error(`There is no spec file ${spec}.`);
  }

  close() {
    rmSync(this.#copy, { recursive: true });
  }

  /** Runs a script of Node's; one that takes too long is no success either. */
  #run(timeout, script, args) {
    const startedAt = performance.now();
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(this.#copy, script), ...args],
        {
          cwd: this.#copy,
          env: { ...process.env, NO_COLOR: '1' },
          timeout,
          killSignal: 'SIGKILL',
          maxBuffer: 2 ** 26,
        },
        (error, stdout, stderr) =>
          resolve({
            ok: !error,
            hung: error?.killed === true,
            ms: performance.now() - startedAt,
            out: stdout + stderr,
          }),
      );
    });
  }
}

/** Why a mutant is none, if so. */
function misfit(text, from, mutated) {
  if (text.split(from).length !== 2) return 'its line is not there once';
  const [before, after] = [text, mutated].map((each) => each.split('\n'));
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  let sameAtEnd = 0;
  while (
    sameAtEnd < before.length - same &&
    before.at(-1 - sameAtEnd) === after.at(-1 - sameAtEnd)
  ) {
    sameAtEnd += 1;
  }
  const changed = before.length - same - sameAtEnd;
  return changed === 1 ? undefined : `it changes ${changed} lines`;
}

function transpile(source) {
  return ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  }).outputText;
}
