/** Where the CPU goes, out of a CPU profile of V8. */
import { readFileSync } from 'node:fs';
import type { Profiler, Runtime } from 'node:inspector';
import { textTable } from './text-table.js';

/** Time of the main thread in which nothing runs. */
const IDLE = '(idle)';

const ROWS = 25;

/** Three tables: by function, by file, by part of the package. */
export function profileTables(file: string): string[] {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile;
  const frames = selfTimes(profile);
  return [
    sharesTable('function', frames, ({ name, file: path, line }) =>
      path === '' ? name : `${name}  ${path}:${line}`,
    ),
    sharesTable('file', frames, ({ name, file: path }) => path || name),
    sharesTable('part', frames, partOf),
  ];
}

interface Frame {
  readonly name: string;
  /** Empty for V8 itself. */
  readonly file: string;
  readonly line: number;
  readonly micros: number;
}

function selfTimes({ nodes, samples, timeDeltas }: Profiler.Profile): Frame[] {
  const micros = new Map<number, number>();
  samples?.forEach((id, index) => {
    // A delta is the time before its sample.
    const time = timeDeltas?.[index + 1] ?? 0;
    micros.set(id, (micros.get(id) ?? 0) + time);
  });
  return nodes
    .map(({ id, callFrame }) => ({
      name: nameOf(callFrame),
      file: shortPath(callFrame.url),
      line: callFrame.lineNumber + 1,
      micros: micros.get(id) ?? 0,
    }))
    .filter(({ name }) => name !== IDLE);
}

/** Those of Node.js in C++ have neither name nor file. */
function nameOf({ functionName, url }: Runtime.CallFrame): string {
  return functionName || (url === '' ? '(native)' : '(anonymous)');
}

function sharesTable(
  title: string,
  frames: readonly Frame[],
  keyOf: (frame: Frame) => string,
): string {
  const shares = new Map<string, number>();
  let total = 0;
  for (const frame of frames) {
    const key = keyOf(frame);
    shares.set(key, (shares.get(key) ?? 0) + frame.micros);
    total += frame.micros;
  }
  const rows = [...shares]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, ROWS)
    .map(([key, micros]) => [key, ((100 * micros) / total).toFixed(1)]);
  return textTable([title, '%'], rows);
}

/** A room of the package, a package of others, Node.js or V8. */
function partOf({ name, file }: Frame): string {
  if (file === '') return name.startsWith('(') ? name : 'V8';
  const [part = '', ...rest] = file.split('/');
  if (part === 'dist') return rest.length > 1 ? `dist/${rest[0]}` : part;
  if (part === 'node_modules') return rest.slice(0, -1).join('/');
  return part.startsWith('node:') ? 'Node.js' : part;
}

/** From the repository's folder, or as Node.js names its own. */
function shortPath(url: string): string {
  const root = new URL('../../../', import.meta.url).href;
  if (url.startsWith(root)) return url.slice(root.length);
  return url.replace(/^.*\/node_modules\//, 'node_modules/');
}
