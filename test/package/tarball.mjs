// What may be said of the tarball by itself: its content, size, declared
// imports, and whether Node and TypeScript find the same thing behind each name.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import {
  checkPackage,
  createPackageFromTarballData,
} from '@arethetypeswrong/core';
import ts from 'typescript';

const EXPECTED_FILE =
  /^(dist\/.*\.(js|cjs|d\.ts|d\.cts)|dist\/cjs\/package\.json|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/;

/** Only the ES modules have a command line. */
const UNEXPECTED_FILE = /^dist\/cjs\/(local\/)?cli/;

/** Bytes. About a fifth more than it has: a jump is to be noticed. */
const MAX_PACKED = 550_000;
const MAX_UNPACKED = 2_800_000;

export function checkContent(tarball, folder) {
  const files = filesOf(folder);
  const stray = files.filter(
    (file) => !EXPECTED_FILE.test(file) || UNEXPECTED_FILE.test(file),
  );
  if (stray.length > 0) throw new Error(`stray files: ${stray.join(', ')}`);
  const packed = statSync(tarball).size;
  const unpacked = files
    .map((file) => statSync(join(folder, file)).size)
    .reduce((a, b) => a + b);
  const said =
    `${files.length} files, ${kilobytes(packed)} of ${kilobytes(MAX_PACKED)} packed, ` +
    `${kilobytes(unpacked)} of ${kilobytes(MAX_UNPACKED)} unpacked`;
  if (packed > MAX_PACKED || unpacked > MAX_UNPACKED) {
    throw new Error(`too large: ${said}`);
  }
  return said;
}

export function checkImports(folder) {
  const manifest = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const declared = new Set([
    ...Object.keys(manifest.dependencies),
    ...Object.keys(manifest.peerDependencies),
  ]);
  const used = new Set();
  const wrong = [];
  for (const file of filesOf(folder).filter((name) =>
    /\.c?[jt]s$/.test(name),
  )) {
    const source = readFileSync(join(folder, file), 'utf8');
    const { importedFiles } = ts.preProcessFile(source, true, true);
    for (const { fileName: name } of importedFiles) {
      if (name.startsWith('.') || isBuiltin(name)) continue;
      const owner = /^(@[^/]+\/)?[^/]+/.exec(name)[0];
      used.add(owner);
      if (!declared.has(owner)) wrong.push(`${file} imports ${name}`);
    }
    if (/^dist\/cjs\/.*js$/.test(file) && /\bimport\.meta\b/.test(source)) {
      wrong.push(`${file} has import.meta, which CommonJS cannot contain`);
    }
  }
  // Loaded by name where the application has it.
  used.add('@nestjs/config');
  const unused = [...declared].filter((name) => !used.has(name));
  wrong.push(...unused.map((name) => `nothing imports ${name}`));
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return [...used].toSorted().join(', ');
}

export async function checkTypes(tarball) {
  const data = createPackageFromTarballData(readFileSync(tarball));
  const { entrypoints, problems } = await checkPackage(data);
  if (problems.length > 0) throw new Error(JSON.stringify(problems, null, 2));
  return Object.keys(entrypoints).join(' ');
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function kilobytes(bytes) {
  return `${Math.round(bytes / 1000)} kB`;
}
