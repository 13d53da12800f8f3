import { basename, dirname, join } from 'node:path';
import type { Clock, SpoolEvent } from '../queue/index.js';
import {
  type AdoptedFolder,
  type AdoptionAccess,
  adoptFolder,
  hasSegments,
} from './adopt-folder.js';
import { leasePath, lookAtLease, STALE_MS } from './lease.js';
import { adoptedIn, type OwnFolder } from './own-folder.js';
import type { ProcessTable } from './process-table.js';
import { isSafeFolder } from './safe-folder.js';
import { Place } from './segment.js';
import type { SegmentStore } from './segment-store.js';
import type { SpoolFileSystem } from './spool-file-system.js';

/** What adoption works with. */
export interface AdoptionDependencies extends AdoptionAccess {
  /** The folder that holds those of all processes. */
  readonly base: string;
  readonly maxBytes: number;
  readonly folder: OwnFolder;
  readonly store: SegmentStore;
  readonly clock: Clock;
  readonly processes: ProcessTable;
  readonly emit: (event: SpoolEvent) => void;
}

/** The folder of a process: `p<pid>-<random>`. */
const OWNER = /^p\d+-[0-9a-f]+(?:\.new)?$/;

/** A lease as it was first seen like this. */
interface Watched {
  readonly lease: string;
  readonly since: number;
}

/**
 * Takes over the folders of processes that ended. To rename a folder is to own
 * it: of those who try, one succeeds.
 */
export class Adoption {
  private watched = new Map<string, Watched>();
  /** Folders that are ours, and not read to the end. */
  private readonly claimed = new Set<string>();
  /** Whether one of them is larger than what is read at a time. */
  private hasMore = false;

  constructor(private readonly dependencies: AdoptionDependencies) {}

  /**
   * Looks at all folders, and takes over one that is an orphan, or goes on with
   * it. Returns whether there may be more to take over now.
   *
   * @throws an error of the file system when there is no place for it.
   */
  adoptOne(): boolean {
    const { base, fs, folder } = this.dependencies;
    const own = folder.current;
    const seen = new Map<string, Watched>();
    // Only what is taken in counts when it is asked whether there is room.
    let isBusy = this.hasMore;
    for (const name of fs.list(base)) {
      const path = join(base, name);
      if (!OWNER.test(name) || path === own) continue;
      if (!this.isFree(path, seen) || isBusy) continue;
      isBusy = this.isWorthIt(path) && this.claim(path);
    }
    this.watched = seen;
    this.hasMore = this.takeIn();
    return isBusy || this.hasMore;
  }

  /** Whether it is an orphan of this user's. */
  private isFree(path: string, seen: Map<string, Watched>): boolean {
    try {
      return isSafeFolder(this.dependencies, path) && this.isOrphan(path, seen);
    } catch {
      // It has just been taken over, or this user may not look into it.
      return false;
    }
  }

  private isOrphan(path: string, seen: Map<string, Watched>): boolean {
    const { fs, processes, clock } = this.dependencies;
    const ownership = lookAtLease(fs, processes, path);
    if (ownership.kind !== 'unknown') return ownership.kind === 'orphan';
    const { lease } = ownership;
    const before = this.watched.get(path);
    const now = clock.now();
    const watched = before?.lease === lease ? before : { lease, since: now };
    seen.set(path, watched);
    return now - watched.since >= STALE_MS;
  }

  /** Whether it holds records, for which there is room. */
  private isWorthIt(path: string): boolean {
    const { fs, store, maxBytes } = this.dependencies;
    try {
      const folders = this.withNested(path);
      if (!folders.some((folder) => hasSegments(this.dependencies, folder))) {
        this.removeIfEmpty(path);
        return false;
      }
      // It is safe where it is. Taken over, it would push other records out.
      const bytes = folders.reduce((sum, one) => sum + sizeOf(fs, one), 0);
      return store.bytes === 0 || store.bytes + bytes <= maxBytes;
    } catch {
      return false;
    }
  }

  /** False when another process was faster, or has it open (Windows). */
  private claim(path: string): boolean {
    const { fs, folder } = this.dependencies;
    const adopted = join(folder.ensureAdopted(), basename(path));
    try {
      fs.move(path, adopted);
    } catch {
      return false;
    }
    this.claimed.add(adopted);
    return true;
  }

  /**
   * Takes in what was claimed; what fails is tried again the next time. Returns
   * whether there is more of it.
   */
  private takeIn(): boolean {
    for (const folder of this.claimed) {
      try {
        const { isComplete, hasMore } = this.takeFolderIn(folder);
        if (hasMore) return true;
        if (isComplete) this.claimed.delete(folder);
      } catch {
        // It stays where it is, at worst until another process takes it over.
      }
    }
    return false;
  }

  private takeFolderIn(folder: string): AdoptedFolder {
    const { fs, store, emit } = this.dependencies;
    fs.remove(leasePath(folder));
    // What its owner had adopted itself comes along; this loop comes to it.
    const adopted = adoptedIn(folder);
    for (const nested of this.safeFoldersIn(adopted)) {
      const path = join(dirname(folder), basename(nested));
      fs.move(nested, path);
      this.claimed.add(path);
    }
    if (fs.stat(adopted) && fs.list(adopted).length === 0) {
      fs.removeFolder(adopted);
    }
    const known = new Set([...store].map(({ name }) => name.marker));
    const adoptedNow = adoptFolder(this.dependencies, folder, known);
    const { segments } = adoptedNow;
    const counts = { spans: 0, scores: 0 };
    for (const segment of segments) {
      store.add(segment);
      counts[segment.lane] += segment.countOf(Place.disk);
    }
    for (const lane of ['spans', 'scores'] as const) {
      const count = counts[lane];
      if (count > 0) emit({ type: 'adopted', lane, count });
    }
    for (const segment of segments) {
      if (segment.isSettled) store.retire(segment);
    }
    this.removeIfEmpty(folder);
    return adoptedNow;
  }

  /** A folder and all that were adopted into it. */
  private withNested(folder: string): string[] {
    const nested = this.safeFoldersIn(adoptedIn(folder));
    return [folder, ...nested.flatMap((path) => this.withNested(path))];
  }

  private safeFoldersIn(folder: string): string[] {
    const { fs } = this.dependencies;
    if (fs.stat(folder)?.kind !== 'folder') return [];
    return fs
      .list(folder)
      .map((name) => join(folder, name))
      .filter((path) => isSafeFolder(this.dependencies, path));
  }

  /** Removes a folder in which there is nothing but what we put into each. */
  private removeIfEmpty(folder: string): void {
    const { fs } = this.dependencies;
    const adopted = adoptedIn(folder);
    const lease = leasePath(folder);
    const ours = new Set([adopted, lease]);
    const names = fs.list(folder).map((name) => join(folder, name));
    if (!names.every((path) => ours.has(path))) return;
    for (const nested of this.safeFoldersIn(adopted))
      this.removeIfEmpty(nested);
    if (fs.list(adopted).length > 0 || !fs.stat(folder)) return;
    fs.remove(lease);
    if (fs.stat(adopted)) fs.removeFolder(adopted);
    fs.removeFolder(folder);
  }
}

function sizeOf(fs: SpoolFileSystem, folder: string): number {
  let bytes = 0;
  for (const file of fs.list(folder)) {
    bytes += fs.stat(join(folder, file))?.size ?? 0;
  }
  return bytes;
}
