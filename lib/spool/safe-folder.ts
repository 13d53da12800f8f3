import { dirname, join } from 'node:path';
import {
  type FileFacts,
  codeOf,
  type SpoolFileSystem,
} from './spool-file-system.js';

/** Write permission of the group and of all others. */
const WRITABLE_BY_OTHERS = 0o022;

/** A folder in which somebody else could exchange or read what is written. */
export class UnsafeFolderError extends Error {
  override readonly name = 'UnsafeFolderError';

  constructor(path: string, what: string, fix: string) {
    super(`The spool folder ${path} ${what}: ${fix}`);
  }
}

/** What a folder is checked with. */
export interface FolderAccess {
  readonly fs: SpoolFileSystem;
  /** Undefined where files have no numeric owners (Windows). */
  readonly userId: number | undefined;
  /** Whether what is made has to survive a loss of power. */
  readonly isDurable: boolean;
}

/**
 * Makes a folder, and those above it that are missing, for nobody but this
 * user. One that is there has to be a real folder of this user's, to which
 * nobody else may write.
 *
 * @throws UnsafeFolderError or an error of the file system.
 */
export function makeSafeFolder(access: FolderAccess, path: string): void {
  const { fs } = access;
  makeMissing(access, path);
  const facts = fs.stat(path);
  const problem = facts && problemOf(facts, access.userId);
  if (problem) throw new UnsafeFolderError(path, ...problem);
}

/**
 * As {@link makeSafeFolder}, for a folder and those that `names` lead to from it.
 *
 * @throws UnsafeFolderError or an error of the file system.
 */
export function makeSafeFolders(
  access: FolderAccess,
  root: string,
  ...names: readonly string[]
): string {
  let path = root;
  makeSafeFolder(access, path);
  for (const name of names) {
    path = join(path, name);
    makeSafeFolder(access, path);
  }
  return path;
}

/** Whether an existing folder may be worked in. */
export function isSafeFolder(
  { fs, userId }: FolderAccess,
  path: string,
): boolean {
  const facts = fs.stat(path);
  return facts !== undefined && problemOf(facts, userId) === undefined;
}

function makeMissing(access: FolderAccess, path: string): void {
  const { fs, isDurable } = access;
  if (fs.stat(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeMissing(access, parent);
  try {
    fs.makeFolder(path);
    if (isDurable) fs.syncFolder(parent);
  } catch (error) {
    // Another process was faster; whose folder it is will be seen.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** What is wrong with it, and what to do; undefined when nothing is. */
function problemOf(
  { kind, mode, userId: owner }: FileFacts,
  userId: number | undefined,
): readonly [what: string, fix: string] | undefined {
  if (kind === 'link') {
    return ['is a symbolic link', 'name the folder that it leads to'];
  }
  if (kind !== 'folder') return ['is no folder', 'name another one'];
  // Where there are no owners, modes say nothing either.
  if (userId === undefined) return undefined;
  if (owner !== userId) {
    return [
      `belongs to user ${owner}, not to user ${userId} who runs this process`,
      'name a folder inside it, which is then made for this user',
    ];
  }
  if ((mode & WRITABLE_BY_OTHERS) !== 0) {
    return [
      `can be written to by other users (mode ${mode.toString(8)})`,
      'chmod 700, or name a folder inside it',
    ];
  }
  return undefined;
}
