import { join } from 'node:path';
import type { Clock } from '../queue/index.js';
import { BEAT_MS, leasePath, leaseText, UNREADY_SUFFIX } from './lease.js';
import type { ProcessTable } from './process-table.js';
import { type FolderAccess, makeSafeFolder } from './safe-folder.js';
import { codeOf, writeOnce } from './spool-file-system.js';

const ADOPTED = 'adopted';

/** What the folder of a process is made with. */
export interface OwnFolderSettings extends FolderAccess {
  /** Makes the folder that holds those of all processes, and returns it. */
  readonly makeBase: () => string;
  readonly clock: Clock;
  readonly processes: ProcessTable;
  /** Hexadecimal digits that nobody else draws. */
  readonly randomId: () => string;
  /** Another process took this one for dead, or somebody removed the folder. */
  readonly onLost: (path: string) => void;
}

/**
 * The folder that only this process writes to, and its lease. It is made when
 * it is first needed, and again, under another name, when it was lost.
 */
export class OwnFolder {
  private path: string | undefined;
  private beats = 0;
  private beatenAt = 0;

  constructor(private readonly settings: OwnFolderSettings) {}

  /** Undefined while there is none. */
  get current(): string | undefined {
    return this.path;
  }

  /**
   * The folder, certain to be this process's own at this moment.
   *
   * @throws an error of the file system, or UnsafeFolderError.
   */
  ensure(): string {
    const { clock } = this.settings;
    // After a pause that others may have taken for death, look before writing.
    if (this.path && clock.now() - this.beatenAt > 2 * BEAT_MS) this.beat();
    return (this.path ??= this.make());
  }

  /** The folder for what was adopted. @throws as {@link OwnFolder.ensure}. */
  ensureAdopted(): string {
    const path = join(this.ensure(), ADOPTED);
    makeSafeFolder(this.settings, path);
    return path;
  }

  /**
   * Shows that this process lives, and finds out whether the folder is there.
   *
   * @throws an error of the file system, if it does not tell.
   */
  beat(): void {
    if (this.path === undefined) return;
    const { fs, clock } = this.settings;
    try {
      this.beats += 1;
      writeOnce(fs, leasePath(this.path), 'overwrite', this.lease());
      this.beatenAt = clock.now();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      this.forget();
    }
  }

  /** The folder is not there any more. */
  forget(): void {
    const { path } = this;
    this.path = undefined;
    if (path !== undefined) this.settings.onLost(path);
  }

  /** Leaves what is in the folder to whoever comes; removes it when empty. */
  release(): void {
    const { path } = this;
    const { fs } = this.settings;
    this.path = undefined;
    if (path === undefined) return;
    fs.remove(leasePath(path));
    for (const folder of [adoptedIn(path), path]) {
      try {
        if (fs.stat(folder)) fs.removeFolder(folder);
      } catch {
        // Something is left in it.
      }
    }
  }

  private make(): string {
    const { fs, makeBase, processes, randomId, clock, isDurable } =
      this.settings;
    const base = makeBase();
    const path = join(base, `p${processes.self.pid}-${randomId()}`);
    // Without a lease it would be taken for an orphan.
    const unready = `${path}${UNREADY_SUFFIX}`;
    fs.makeFolder(unready);
    writeOnce(fs, leasePath(unready), 'new', this.lease());
    fs.move(unready, path);
    if (isDurable) fs.syncFolder(base);
    this.beatenAt = clock.now();
    return path;
  }

  private lease(): Buffer {
    const { self } = this.settings.processes;
    return Buffer.from(leaseText(self, this.beats));
  }
}

/** Where a process keeps what it has adopted. */
export function adoptedIn(folder: string): string {
  return join(folder, ADOPTED);
}
