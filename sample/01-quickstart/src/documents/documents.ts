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

async function markdownFiles(folder: (typeof FOLDERS)[number]) {
  const { path, recursive } = folder;
  const names = await readdir(join(ROOT, path), { recursive }).catch(
    (error: NodeJS.ErrnoException): string[] => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return names
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(path, name))
    .toSorted();
}
