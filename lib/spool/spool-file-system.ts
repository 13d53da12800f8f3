/**
 * The few file operations that a spool is made of. Injected, so that tests can
 * let each of them fail, or forget what a crash of the machine may forget.
 *
 * All are synchronous: what has returned has happened, also in an `exit`
 * handler, where nothing else runs any more. All throw Node's errors with a
 * `code`, unless they say otherwise.
 */
export interface SpoolFileSystem {
  /** Facts about a path itself, not what it links to; undefined for none. */
  stat(path: string): FileFacts | undefined;
  /** Names in a folder; none when there is no such folder. */
  list(folder: string): string[];
  /** Makes one folder for nobody but this user. */
  makeFolder(path: string): void;
  removeFolder(path: string): void;
  /** Moves a file or a folder; whoever looks sees it in one place or the other. */
  move(from: string, to: string): void;
  /** Removes a file. One that is gone already is fine. */
  remove(path: string): void;
  /**
   * Opens a file, for nobody but this user, to write to it: a `new` one that
   * must not be there, one to `append` to, or to `overwrite` one that is there.
   * Links are refused.
   */
  open(path: string, how: 'new' | 'append' | 'overwrite'): number;
  /** Writes all of `bytes` at the end (`overwrite`: at the start). */
  write(file: number, bytes: Uint8Array): void;
  truncate(file: number, size: number): void;
  /** Returns when the content will survive a loss of power. */
  sync(file: number): void;
  close(file: number): void;
  /** Returns when the names in a folder will survive a loss of power. */
  syncFolder(path: string): void;
  /** The first `maxBytes` bytes of a file. Links are refused. */
  read(path: string, maxBytes?: number): Buffer;
  /** Bytes that this user may still write there. */
  freeBytes(folder: string): number;
}

/** What is known of a path. */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly userId: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** The code of a file error such as `ENOSPC`; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error
    ? String(error.code)
    : undefined;
}

/** Opens a file, writes to it and closes it. */
export function writeOnce(
  fs: SpoolFileSystem,
  path: string,
  how: 'new' | 'append' | 'overwrite',
  bytes: Uint8Array,
): void {
  const file = fs.open(path, how);
  try {
    fs.write(file, bytes);
  } finally {
    fs.close(file);
  }
}
