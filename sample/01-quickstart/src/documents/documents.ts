/** The documents that the assistant knows: this repository's Markdown. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceDocument {
  /** Path within the repository. */
  readonly source: string;
  readonly markdown: string;
}

const ROOT = fileURLToPath(
  new URL('.', import.meta.resolve('nestjs-langfuse/package.json')),
);

/** Folders that are searched, the root itself without those below it. */
const FOLDERS = [
  { path: '.', recursive: false },
  { path: 'docs', recursive: true },
  { path: 'sample', recursive: true },
] as const;

export async function readDocuments(): Promise<SourceDocument[]> {
  const sources = (await Promise.all(FOLDERS.map(markdownFiles))).flat();
  return Promise.all(
    sources.map(async (source) => ({
      source,
      markdown: await readFile(join(ROOT, source), 'utf8'),
    })),
  );
}

/** Packages and what tools keep; a link there may lead back to the root. */
const LEFT_OUT = /^(?:\.|node_modules$)/;

async function markdownFiles(folder: {
  readonly path: string;
  readonly recursive: boolean;
}): Promise<string[]> {
  const { path, recursive } = folder;
  const entries = await readdir(join(ROOT, path), {
    withFileTypes: true,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found = entries
    .filter(({ name }) => !LEFT_OUT.test(name))
    .map(async (entry) => {
      const inside = join(path, entry.name);
      if (entry.isDirectory() && recursive) {
        return markdownFiles({ path: inside, recursive });
      }
      return inside.endsWith('.md') ? [inside] : [];
    });
  return (await Promise.all(found)).flat().toSorted();
}
