/** Other versions of Node.js. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The binary of a Node.js: of this one, of one that npm has as a package, or at a
 * path.
 *
 * @param node A major version such as `24`, a path, or undefined for this one.
 */
export function nodeBinary(node: string | undefined): string {
  if (node === undefined) return process.execPath;
  return /^\d+$/.test(node) ? downloaded(node) : node;
}

function downloaded(major: string): string {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(tmpdir(), `nestjs-langfuse-bench-node-${major}`);
  const binary = join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['install', '--prefix', folder, `${name}@${major}`], {
    stdio: 'ignore',
  });
  return binary;
}
