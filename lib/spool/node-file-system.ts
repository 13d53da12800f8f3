import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statfsSync,
  writeSync,
} from 'node:fs';
import {
  codeOf,
  type FileFacts,
  type SpoolFileSystem,
} from './spool-file-system.js';

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;

/** Absent on Windows, which has no such links for users without privileges. */
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;

const FLAGS = {
  new: O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW,
  append: O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW,
  overwrite: O_WRONLY | O_NOFOLLOW,
} as const;

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** The file system of the machine. */
export const nodeFileSystem: SpoolFileSystem = {
  stat(path) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats && factsOf(stats);
  },
  list(folder) {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  },
  makeFolder: (path) => mkdirSync(path, OWNER_ONLY_FOLDER),
  removeFolder: (path) => rmdirSync(path),
  move: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
  open: (path, how) => openSync(path, FLAGS[how], OWNER_ONLY_FILE),
  write(file, bytes) {
    // A disk that is nearly full takes a part, and fails when asked again.
    for (let at = 0; at < bytes.length;) {
      at += writeSync(file, bytes, at, bytes.length - at);
    }
  },
  truncate: (file, size) => ftruncateSync(file, size),
  sync: (file) => fdatasyncSync(file),
  close: (file) => closeSync(file),
  syncFolder(path) {
    // Windows cannot open a folder; its file system keeps names by itself.
    if (process.platform === 'win32') return;
    withFile(openSync(path, O_RDONLY), (folder) => fsyncSync(folder));
  },
  read: (path, maxBytes = Infinity) =>
    withFile(openSync(path, O_RDONLY | O_NOFOLLOW), (file) =>
      readUpTo(file, Math.min(fstatSync(file).size, maxBytes)),
    ),
  freeBytes(folder) {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
};

function readUpTo(file: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < size) {
    const read = readSync(file, bytes, length, size - length, null);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

function withFile<T>(file: number, use: (file: number) => T): T {
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

function factsOf(stats: Stats): FileFacts {
  return {
    kind: kindOf(stats),
    size: stats.size,
    mode: stats.mode & 0o7777,
    userId: stats.uid,
    modifiedAt: stats.mtimeMs,
  };
}

function kindOf(stats: Stats): FileFacts['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
}
