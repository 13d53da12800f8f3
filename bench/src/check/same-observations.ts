/**
 * Whether a server makes the same observations of what each contender sends, or
 * the comparison would be between different things.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ContenderName } from '../contenders/index.js';

const CHECK_PROCESS = fileURLToPath(
  new URL('check-process.js', import.meta.url),
);

/** Not the legacy client: no server takes its traces any more. */
const COMPARED: readonly ContenderName[] = [
  'ours',
  'official',
  'otel-json',
  'otel-protobuf',
];

/** Where contenders differ from the floor; nothing if all is well. */
export async function differences(): Promise<string[]> {
  const expected = await observationsOf('floor');
  const found: string[] = [];
  for (const contender of COMPARED) {
    const observations = await observationsOf(contender);
    const different = expected.findIndex(
      (text, index) => text !== observations[index],
    );
    if (observations.length !== expected.length) {
      found.push(
        `${contender}: ${observations.length} observations, floor: ${expected.length}`,
      );
    } else if (different >= 0) {
      found.push(
        `${contender}: ${shown(observations[different])}\nfloor: ${shown(expected[different])}`,
      );
    }
  }
  return found;
}

async function observationsOf(contender: ContenderName): Promise<string[]> {
  const child = fork(CHECK_PROCESS, [contender], {
    execArgv: [],
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [observations] = (await once(child, 'message')) as [string[]];
  return observations;
}

/** Long texts are alike, or differ at their beginning. */
function shown(text = ''): string {
  return text.replace(/("(?:[^"\\]|\\.){200})(?:[^"\\]|\\.)*"/g, '$1…"');
}
