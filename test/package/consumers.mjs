// Compilers of applications: our declarations with each TypeScript, read as an
// ES module and as CommonJS, by each way to resolve names.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, npm, run } from './application.mjs';

const MODERN = {
  'nodenext, ESM': { file: 'mts', module: 'nodenext' },
  'nodenext, CommonJS': { file: 'cts', module: 'nodenext' },
  bundler: { file: 'ts', module: 'esnext', moduleResolution: 'bundler' },
  commonjs: { file: 'cts', module: 'commonjs', moduleResolution: 'bundler' },
};

/** As `nest new` set applications up before Nest 11. */
const LEGACY = {
  ...MODERN,
  commonjs: { file: 'ts', module: 'commonjs', moduleResolution: 'node10' },
};

/** Versions of TypeScript, and how their consumers may be set up. */
export const COMPILERS = [
  ['5.9', LEGACY],
  ['6', MODERN],
  ['7', MODERN],
];

/** @returns what runs it, and its version */
export function installCompiler(work, version) {
  const folder = join(work, `typescript-${version}`);
  mkdirSync(folder);
  npm(['init', '-y'], folder);
  npm(['install', `typescript@${version}`], folder);
  return {
    tsc: join(folder, 'node_modules/typescript/bin/tsc'),
    version: installed(folder, 'typescript'),
  };
}

/**
 * Compiles the fixture in an application, libraries' declarations included.
 *
 * @throws Error for what is wrong in the fixture or in our own declarations;
 * other packages' are not ours to mend
 */
export function compileConsumer(app, tsc, { file, ...how }) {
  const source = `consumer-${how.moduleResolution ?? 'node'}.${file}`;
  copyFileSync(join(app, 'consumer.ts'), join(app, source));
  const compilerOptions = {
    target: 'es2023',
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    types: ['node'],
    ...how,
  };
  const config = join(app, `tsconfig.${source}.json`);
  const text = JSON.stringify({ compilerOptions, files: [source] });
  writeFileSync(config, text);
  try {
    run('node', [tsc, '-p', config, '--pretty', 'false'], app);
  } catch (cause) {
    const errors = cause.stdout
      .split('\n')
      .filter((line) => line.includes('error TS'));
    // A compiler that breaks down names none.
    if (errors.length === 0) throw cause;
    const ours = errors.filter(
      (line) => !/^node_modules\/(?!nestjs-langfuse\/)/.test(line),
    );
    if (ours.length > 0) throw new Error(ours.join('\n'), { cause });
  }
}
