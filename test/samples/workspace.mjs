// A folder that looks like the repository to a sample: the package as npm packs
// it at the root, and copies of samples below `sample/`.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { npm, pack, root, run } from '../package/application.mjs';

/** What a reader of the repository does not have. */
const LEFT_OUT = new Set(['node_modules', 'dist', '.env']);

export class Workspace {
  #folder = mkdtempSync(join(tmpdir(), 'nestjs-langfuse-samples-'));

  constructor() {
    const tarball = pack(this.#folder);
    const unpack = ['-xzf', tarball, '-C', this.#folder];
    run('tar', [...unpack, '--strip-components=1'], this.#folder);
  }

  /** @returns the folder of a sample, installed from its lock file */
  install(name) {
    const folder = join(this.#folder, 'sample', name);
    cpSync(join(root, 'sample', name), folder, {
      recursive: true,
      filter: (source) => !LEFT_OUT.has(basename(source)),
    });
    npm(['ci', '--prefer-offline'], folder);
    return folder;
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
