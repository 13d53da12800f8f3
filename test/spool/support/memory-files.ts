import { basename, dirname } from 'node:path';
import type {
  FileFacts,
  SpoolFileSystem,
} from '../../../lib/spool/spool-file-system.js';

export const USER_ID = 1_000;

/** What the clock on the wall says, in milliseconds since 1970. */
export const WALL_TIME = Date.UTC(2026, 10, 23);

interface Node {
  readonly id: number;
  readonly entries: Map<string, Node> | undefined;
  content: Buffer;
  modifiedAt: number;
}

/** What was done to the disk, in the order in which it was done. */
export type Operation =
  | {
      readonly kind: 'enter';
      readonly folder: number;
      readonly name: string;
      readonly node: number;
      readonly isFolder: boolean;
    }
  | { readonly kind: 'leave'; readonly folder: number; readonly name: string }
  | {
      readonly kind: 'move';
      readonly from: number;
      readonly name: string;
      readonly to: number;
      readonly newName: string;
    }
  | {
      readonly kind: 'write';
      readonly node: number;
      readonly at: number;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'truncate'; readonly node: number; readonly size: number }
  | { readonly kind: 'sync'; readonly node: number };

/** Fails calls, by throwing an error with this code, while it returns one. */
export type Fault = (
  call: keyof SpoolFileSystem,
  path: string,
) => string | undefined;

/**
 * Files in memory, which can fail as a disk does, and which remember what was
 * done to them: {@link MemoryFiles.afterCrash} is what a loss of power may leave.
 */
export class MemoryFiles implements SpoolFileSystem {
  readonly operations: Operation[] = [];
  fault: Fault = () => undefined;
  free = Infinity;
  private nextId = 1;
  private time = WALL_TIME;
  private readonly root = this.make(true);
  private readonly handles = new Map<number, Node>();
  private readonly appending = new Set<number>();
  private nextHandle = 3;

  /** A disk that holds these files. */
  static of(files: ReadonlyMap<string, Buffer>): MemoryFiles {
    const disk = new MemoryFiles();
    for (const [path, content] of files) disk.put(path, Buffer.from(content));
    return disk;
  }

  /** Handles that are open. */
  get openHandles(): number {
    return this.handles.size;
  }

  stat(path: string): FileFacts | undefined {
    this.mayFail('stat', path);
    const node = this.find(path);
    return (
      node && {
        kind: node.entries ? 'folder' : 'file',
        size: node.content.length,
        mode: node.entries ? 0o700 : 0o600,
        userId: USER_ID,
        modifiedAt: node.modifiedAt,
      }
    );
  }

  list(folder: string): string[] {
    this.mayFail('list', folder);
    return [...(this.find(folder)?.entries?.keys() ?? [])];
  }

  makeFolder(path: string): void {
    this.mayFail('makeFolder', path);
    this.enter(path, this.make(true));
  }

  removeFolder(path: string): void {
    this.mayFail('removeFolder', path);
    const node = this.existing(path);
    if (node.entries?.size !== 0) throw fileError('ENOTEMPTY', path);
    this.leave(path);
  }

  move(from: string, to: string): void {
    this.mayFail('move', from);
    const node = this.existing(from);
    const source = this.existing(dirname(from));
    const target = this.existing(dirname(to));
    source.entries!.delete(basename(from));
    target.entries!.set(basename(to), node);
    this.operations.push({
      kind: 'move',
      from: source.id,
      name: basename(from),
      to: target.id,
      newName: basename(to),
    });
  }

  remove(path: string): void {
    this.mayFail('remove', path);
    if (this.find(path)) this.leave(path);
  }

  open(path: string, how: 'new' | 'append' | 'overwrite'): number {
    this.mayFail('open', path);
    const found = this.find(path);
    if (found && how === 'new') throw fileError('EEXIST', path);
    if (!found && how === 'overwrite') throw fileError('ENOENT', path);
    const node = found ?? this.enter(path, this.make(false));
    const handle = this.nextHandle++;
    this.handles.set(handle, node);
    if (how !== 'overwrite') this.appending.add(handle);
    return handle;
  }

  write(file: number, bytes: Uint8Array): void {
    const node = this.handles.get(file)!;
    const code = this.fault('write', '');
    // A disk that becomes full on the way has taken a part.
    const taken = code ? bytes.subarray(0, bytes.length >> 1) : bytes;
    const at = this.appending.has(file) ? node.content.length : 0;
    this.writeAt(node, at, Buffer.from(taken));
    this.operations.push({
      kind: 'write',
      node: node.id,
      at,
      bytes: Buffer.from(taken),
    });
    if (code) throw fileError(code, 'write');
  }

  truncate(file: number, size: number): void {
    this.mayFail('truncate', '');
    const node = this.handles.get(file)!;
    node.content = resized(node.content, size);
    this.operations.push({ kind: 'truncate', node: node.id, size });
  }

  sync(file: number): void {
    this.mayFail('sync', '');
    this.operations.push({ kind: 'sync', node: this.handles.get(file)!.id });
  }

  syncFolder(path: string): void {
    this.mayFail('syncFolder', path);
    this.operations.push({ kind: 'sync', node: this.existing(path).id });
  }

  close(file: number): void {
    this.handles.delete(file);
    this.mayFail('close', '');
  }

  read(path: string, maxBytes = Infinity): Buffer {
    this.mayFail('read', path);
    const { content } = this.existing(path);
    return Buffer.from(content.subarray(0, Math.min(maxBytes, content.length)));
  }

  freeBytes(): number {
    return this.free;
  }

  /** Files below a folder, by their paths. */
  files(folder = '/'): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    const visit = (path: string, node: Node) => {
      if (!node.entries) found.set(path, node.content);
      for (const [name, child] of node.entries ?? [])
        visit(`${path}/${name}`, child);
    };
    const top = this.find(folder);
    if (top) visit(folder === '/' ? '' : folder, top);
    return found;
  }

  /** Puts a file there, or changes one, as somebody else would. */
  put(path: string, content: Buffer): void {
    const make = (folder: string) => {
      if (this.find(folder)) return;
      make(dirname(folder));
      this.makeFolder(folder);
    };
    make(dirname(path));
    const node = this.find(path) ?? this.enter(path, this.make(false));
    node.content = content;
    node.modifiedAt = this.time;
  }

  /**
   * A disk after the power was lost behind the first `count` operations. What
   * was not synced may be there, or not, or be torn, each for itself.
   */
  afterCrash(count: number, random: () => number): MemoryFiles {
    const done = this.operations.slice(0, count);
    const synced = new Set<number>();
    const durable = done.map(() => false);
    for (let i = done.length - 1; i >= 0; i--) {
      const operation = done[i]!;
      if (operation.kind === 'sync') synced.add(operation.node);
      else durable[i] = nodesOf(operation).every((node) => synced.has(node));
    }
    const after = new MemoryFiles();
    const nodes = new Map([[this.root.id, after.root]]);
    for (const [i, operation] of done.entries()) {
      const chance = durable[i] ? 0 : random();
      if (chance < 0.5) {
        after.redo(operation, nodes);
      } else if (operation.kind === 'write' && chance < 0.75) {
        const bytes = Buffer.alloc(operation.bytes.length);
        operation.bytes.copy(bytes, 0, 0, random() * bytes.length);
        after.redo({ ...operation, bytes }, nodes);
      } else if (operation.kind === 'enter') {
        // It may be lost for this folder, and still be moved to another.
        nodes.set(operation.node, after.make(operation.isFolder));
      }
    }
    return after;
  }

  private redo(operation: Operation, nodes: Map<number, Node>): void {
    const nodeOf = (id: number) => nodes.get(id)!;
    switch (operation.kind) {
      case 'enter': {
        const node = this.make(operation.isFolder);
        nodes.set(operation.node, node);
        nodeOf(operation.folder).entries!.set(operation.name, node);
        break;
      }
      case 'leave': {
        const { entries } = nodeOf(operation.folder);
        // What is still in a folder keeps it: file systems see to that.
        if (entries!.get(operation.name)?.entries?.size) break;
        entries!.delete(operation.name);
        break;
      }
      case 'move': {
        const source = nodeOf(operation.from).entries!;
        const node = source.get(operation.name);
        if (!node) break;
        source.delete(operation.name);
        nodeOf(operation.to).entries!.set(operation.newName, node);
        break;
      }
      case 'write':
        this.writeAt(nodeOf(operation.node), operation.at, operation.bytes);
        break;
      case 'truncate': {
        const node = nodeOf(operation.node);
        node.content = resized(node.content, operation.size);
        break;
      }
      case 'sync':
        break;
    }
  }

  private writeAt(node: Node, at: number, bytes: Buffer): void {
    const size = Math.max(node.content.length, at + bytes.length);
    node.content = resized(node.content, size);
    bytes.copy(node.content, at);
    node.modifiedAt = this.time += 1;
  }

  private make(isFolder: boolean): Node {
    return {
      id: this.nextId++,
      entries: isFolder ? new Map() : undefined,
      content: Buffer.alloc(0),
      modifiedAt: 0,
    };
  }

  private find(path: string): Node | undefined {
    let node: Node | undefined = this.root;
    for (const name of path.split('/')) {
      if (name !== '') node = node?.entries?.get(name);
    }
    return node;
  }

  private existing(path: string): Node {
    const node = this.find(path);
    if (!node) throw fileError('ENOENT', path);
    return node;
  }

  private enter(path: string, node: Node): Node {
    const folder = this.existing(dirname(path));
    const name = basename(path);
    if (folder.entries!.has(name)) throw fileError('EEXIST', path);
    folder.entries!.set(name, node);
    this.operations.push({
      kind: 'enter',
      folder: folder.id,
      name,
      node: node.id,
      isFolder: node.entries !== undefined,
    });
    return node;
  }

  private leave(path: string): void {
    const folder = this.existing(dirname(path));
    folder.entries!.delete(basename(path));
    this.operations.push({
      kind: 'leave',
      folder: folder.id,
      name: basename(path),
    });
  }

  private mayFail(call: keyof SpoolFileSystem, path: string): void {
    const code = this.fault(call, path);
    if (code) throw fileError(code, path);
  }
}

export function fileError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** Whose sync makes an operation durable. */
function nodesOf(operation: Operation): number[] {
  switch (operation.kind) {
    case 'enter':
    case 'leave':
      return [operation.folder];
    case 'move':
      return [operation.from, operation.to];
    case 'write':
    case 'truncate':
    case 'sync':
      return [operation.node];
  }
}

function resized(content: Buffer, size: number): Buffer {
  const next = Buffer.alloc(size);
  content.copy(next);
  return next;
}
