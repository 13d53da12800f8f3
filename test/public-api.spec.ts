/** Every symbol that users of the package can reach has TSDoc. */
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { lacks, publicSymbols } from './support/public-api.js';

const lib = resolve(import.meta.dirname, '../lib');
const ENTRIES = ['index.ts', 'testing/index.ts', 'local/index.ts'].map(
  (entry) => join(lib, entry),
);

const fixtures = join(import.meta.dirname, 'support/fixtures');
const FIXTURE = join(fixtures, 'half-documented.ts');

let program: ts.Program;

beforeAll(() => {
  program = ts.createProgram([...ENTRIES, FIXTURE], {
    strict: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    experimentalDecorators: true,
    skipLibCheck: true,
    types: ['node'],
  });
}, 60_000);

describe('the public API', () => {
  it('has TSDoc, and @publicApi on each export', () => {
    const symbols = publicSymbols(program, ENTRIES, lib);
    expect(symbols.length).toBeGreaterThan(300);
    const missing = symbols.flatMap(lacks);
    expect(missing, `${missing.length} are missing`).toEqual([]);
  });
});

describe('the search for what has no TSDoc', () => {
  it('sees exports and their public members, and nothing else', () => {
    const symbols = publicSymbols(program, [FIXTURE], fixtures);
    expect(symbols.flatMap(lacks).toSorted()).toEqual([
      'Bare.field: no sentence',
      'Bare.inherited: no sentence',
      'Bare: no @publicApi',
      'Bare: no sentence',
      'Documented.create: no sentence',
      'Documented.parameter: no sentence',
      'Documented.tagged: no sentence',
      'Shape.size: no sentence',
      'Union.inherited: no sentence',
      'Union.kind: no sentence',
      'act: no @publicApi',
    ]);
  });
});
