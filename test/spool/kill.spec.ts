import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { SegmentSpool } from '../../lib/spool/index.js';
import { SETTINGS, StepClock } from './support/machine.js';
import { recoverAll } from './support/spool-model.js';
import { SCALED_TIMEOUT_MS, scaled } from './support/scale.js';

const WRITER = fileURLToPath(new URL('fixtures/writer.mjs', import.meta.url));

/** What processes have said, by the ids of records. */
class Said {
  readonly kept = new Set<string>();
  readonly settling = new Set<string>();
  readonly settled = new Set<string>();
  settledTwice = 0;

  hear(output: string): void {
    for (const line of output.split('\n').slice(0, -1)) {
      const [what, id] = line.split(' ') as [string, string];
      if (what === 'k') this.kept.add(id);
      if (what === 's') this.settling.add(id);
      if (what !== 'd') continue;
      if (this.settled.has(id)) this.settledTwice += 1;
      this.settled.add(id);
    }
  }
}

interface Writer {
  readonly process: ChildProcess;
  readonly output: Promise<string>;
}

function startWriter(dir: string, prefix: string): Writer {
  const process = spawn(globalThis.process.execPath, [WRITER, dir, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { process, output: text(process.stdout) };
}

/** Kills a process at a random instant of its work. */
async function killWriter({ process, output }: Writer): Promise<string> {
  await once(process.stdout!, 'data');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
  process.kill('SIGKILL');
  await once(process, 'exit');
  return output;
}

it(
  'loses nothing that was safe when processes on one spool are killed',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'spool-kill-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const said = new Said();
    const kills = scaled(1_000, 40);
    let started = 0;
    const keepKilling = async () => {
      while (started < kills) {
        const writer = startWriter(dir, `p${(started += 1)}`);
        said.hear(await killWriter(writer));
      }
    };
    await Promise.all([1, 2, 3, 4].map(keepKilling));

    const clock = new StepClock();
    const spool = new SegmentSpool(
      { ...SETTINGS, dir, destination: 'test', maxBytes: 2 ** 40 },
      { clock },
    );
    spool.open();
    for (let i = 0; i <= kills; i++) clock.advance(0);
    const { spans, scores } = spool.logs;
    const found = recoverAll(spans).map(({ id }) => id);
    expect(scores.waiting).toBe(0);
    spool.close();

    const foundOnce = new Set(found);
    const lost = [...said.kept].filter(
      (id) => !foundOnce.has(id) && !said.settling.has(id),
    );
    expect(said.kept.size).toBeGreaterThan(kills * 20);
    expect(lost).toEqual([]);
    expect(found).toHaveLength(foundOnce.size);
    // What was settled was noted: nobody delivers it again.
    expect(found.filter((id) => said.settled.has(id))).toEqual([]);
    expect(said.settledTwice).toBe(0);
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8' });
    expect(files.filter((path) => /\.(seg|open|ack)$/.test(path))).toEqual([]);
  },
  SCALED_TIMEOUT_MS,
);
