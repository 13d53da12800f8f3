// Compiles the TypeScript blocks of all pages in one go, against the built package.
//
// A block with imports is a module as it stands. One without is a fragment: the
// names below are imported for it, and `ambient.d.ts` declares what it may use of
// the application around it.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import ts from 'typescript';

/** What fragments need not import. */
const IMPORTED = {
  '@nestjs/common': ['Body', 'Controller', 'Get', 'Injectable', 'Post'],
  '@nestjs/core': ['NestFactory'],
  '@nestjs/terminus': ['HealthCheck', 'HealthCheckService'],
  '@nestjs/testing': ['Test'],
  '@opentelemetry/api': ['trace'],
  '@opentelemetry/sdk-trace-base': ['BasicTracerProvider'],
  'nestjs-langfuse': [
    'isDefaultExportSpan',
    'LangfuseHealthIndicator',
    'LangfuseModule',
    'LangfuseService',
    'LangfuseSpanProcessor',
    'redactSecrets',
    'Trace',
    'TraceCarrier',
    'withLangfuseFlush',
  ],
  'nestjs-langfuse/testing': ['LangfuseTesting', 'LangfuseTestingModule'],
  'nestjs-pino': ['Logger'],
  'nest-winston': ['WinstonModule'],
  winston: ['format', 'transports'],
};

const OPTIONS = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noUncheckedIndexedAccess: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  types: ['node'],
  paths: {
    // nestjs-pino 4 is typed for NestJS 11, where the folder is a module.
    '@nestjs/common/interfaces': [
      join(
        import.meta.dirname,
        '../../node_modules/@nestjs/common/interfaces/index.d.ts',
      ),
    ],
  },
};

/** A folder in which `nestjs-langfuse` is this repository. */
export function prepareWorkspace(work, root) {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'node_modules'), { recursive: true });
  symlinkSync(root, join(work, 'node_modules', 'nestjs-langfuse'));
  writeFileSync(join(work, 'package.json'), '{ "type": "module" }\n');
  const ambient = join(import.meta.dirname, 'ambient.d.ts');
  copyFileSync(ambient, join(work, 'ambient.d.ts'));
}

/**
 * Writes a page's TypeScript blocks into the workspace, and beside them what
 * `beside/` has for them: files that the reader has already.
 *
 * @returns {{ source: string, path: string, block: import('./pages.mjs').Block }[]}
 */
export function writeUnits(work, root, page) {
  const name = relative(root, page.path).slice(0, -extname(page.path).length);
  const folder = join(work, name);
  const beside = join(import.meta.dirname, 'beside', name);
  if (existsSync(beside)) cpSync(beside, folder, { recursive: true });
  return page.blocks
    .filter(({ language }) => language === 'ts')
    .map((block) => {
      const path = join(folder, block.file ?? `line-${block.line}.ts`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${preambleOf(block.text)}\n${block.text}`);
      return { source: page.path, path, block };
    });
}

function preambleOf(text) {
  if (/^import /m.test(text)) return '';
  const imports = Object.entries(IMPORTED).flatMap(([module, names]) => {
    const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(text));
    return used.length > 0
      ? [`import { ${used.join(', ')} } from '${module}';`]
      : [];
  });
  return [...imports, 'export {};'].join(' ');
}

/** @returns {Map<string, string[]>} what the compiler says, by page */
export function compile(work, units) {
  const files = [...units.map(({ path }) => path), join(work, 'ambient.d.ts')];
  const program = ts.createProgram(files, OPTIONS);
  const { diagnostics: ofEmit } = program.emit();
  const byPath = new Map(units.map((unit) => [unit.path, unit]));
  const problems = new Map();
  const all = [...ts.getPreEmitDiagnostics(program), ...ofEmit];
  for (const { file, start, messageText } of all) {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    const unit = file && byPath.get(file.fileName);
    const page = unit?.source ?? 'compiler';
    const place = unit
      ? `line ${unit.block.line + file.getLineAndCharacterOfPosition(start).line - 1}`
      : file && relative(work, file.fileName);
    const told = problems.get(page) ?? [];
    told.push(`${place ?? 'options'}: ${text}`);
    problems.set(page, told);
  }
  return problems;
}
