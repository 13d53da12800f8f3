import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeValue } from '../../lib/options/describe-value.js';
import type { OptionRow } from '../../lib/options/option-row.js';
import { optionNames, optionsTable } from '../../lib/options/options.table.js';

const FOLDER = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../lib/options',
);

const COMPILER_OPTIONS: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  declaration: true,
  emitDeclarationOnly: true,
  noCheck: true,
  types: ['node'],
};

/** The declarations that users get, by the path they stand at in memory. */
function emitDeclarations(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const root = join(FOLDER, 'langfuse-module-options.interface.ts');
  ts.createProgram([root], COMPILER_OPTIONS).emit(undefined, (path, text) =>
    files.set(path, text),
  );
  return files;
}

/** What an IDE shows for each property of the interface of options. */
function hoverTexts(files: ReadonlyMap<string, string>): Map<string, string> {
  const host = ts.createCompilerHost(COMPILER_OPTIONS);
  const isSource = (path: string) =>
    path.startsWith(FOLDER) && !path.endsWith('.d.ts');
  const { fileExists, readFile } = host;
  host.fileExists = (path) =>
    files.has(path) || (!isSource(path) && fileExists(path));
  host.readFile = (path) => files.get(path) ?? readFile(path);
  const getSourceFile = host.getSourceFile;
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = files.get(path);
    return text === undefined
      ? getSourceFile(path, languageVersion, ...rest)
      : ts.createSourceFile(path, text, languageVersion);
  };
  const root = join(FOLDER, 'langfuse-module-options.interface.d.ts');
  const program = ts.createProgram([root], COMPILER_OPTIONS, host);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(root)!)!;
  const [symbol] = checker.getExportsOfModule(module);
  return new Map(
    checker
      .getDeclaredTypeOfSymbol(symbol!)
      .getProperties()
      .map((property) => {
        const text = ts.displayPartsToString(
          property.getDocumentationComment(checker),
        );
        const tags = property
          .getJsDocTags(checker)
          .map((tag) => `@${tag.name} ${ts.displayPartsToString(tag.text)}`);
        return [property.name, [text, ...tags].join('\n').replace(/\s+/g, ' ')];
      }),
  );
}

describe('the TSDoc that an IDE shows for an option', () => {
  let texts: ReadonlyMap<string, string>;

  beforeAll(() => {
    texts = hoverTexts(emitDeclarations());
  }, 60_000);

  it('is there for every option of the table', () => {
    expect([...texts.keys()]).toEqual(optionNames);
  });

  it.each(optionNames)('%s: tells what the table holds', (name) => {
    const text = texts.get(name) ?? '';
    const row: OptionRow<unknown> = optionsTable[name];
    expect(text.length).toBeGreaterThan(40);
    for (const variable of [...row.env, ...(row.platform?.names ?? [])]) {
      expect(text).toContain(`\`${variable}\``);
    }
    for (const bound of row.expects.match(/\d+/g) ?? []) {
      expect(text).toContain(bound);
    }
    if (row.unit) expect(text.replaceAll('*', '')).toContain(`in ${row.unit}`);
    const shown = describeValue(row.default).replace(/^"(https.*)"$/, '$1');
    if (row.default === undefined) {
      expect(text).not.toContain('@defaultValue');
    } else if (typeof row.default === 'object') {
      expect(text).toContain(
        `@defaultValue \`${JSON.stringify(row.default)}\``,
      );
    } else {
      expect(text).toContain(`@defaultValue \`${shown.replaceAll('"', "'")}\``);
    }
  });
});
