/** Folders for spools, and what is in them. */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A path for a spool, at which there is nothing yet; removed with the test. */
export function spoolFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'spool-wired-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, 'spool');
}

/** The paths of all files in a folder; what moves meanwhile may be missing. */
export function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((path) => join(dir, path))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

/** Files with records, anywhere in a folder. */
export function segmentsIn(dir: string): string[] {
  return filesIn(dir).filter((path) => /\.(?:seg|open)$/.test(path));
}

/** The bytes of all files in a folder, a character each. */
export function textIn(dir: string): string {
  return filesIn(dir)
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}
