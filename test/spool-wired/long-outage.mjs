/**
 * An outage in real time, on real sockets: `node test/spool-wired/long-outage.mjs
 * [seconds] [mode]`, by default 120 and overflow, after `npm run build`. A thousand
 * observations a second of 1 kB; says what became of them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const [seconds = '120', mode = 'overflow'] = process.argv.slice(2);
const BEFORE_MS = 5_000;
const AFTER_MS = 45_000;

const taken = new Map();
let isDown = false;
let upAt = Infinity;
let firstAfterMs;
const server = createServer((request, response) => {
  void buffer(request).then((body) => {
    if (!isDown) take(body.toString('latin1'));
    response.writeHead(isDown ? 503 : 200).end('{}');
  });
});

function take(body) {
  const ids = body.match(/#s-\d+#/g) ?? [];
  for (const id of ids) taken.set(id, (taken.get(id) ?? 0) + 1);
  const now = performance.now();
  if (ids.length > 0 && now > upAt) firstAfterMs ??= now - upAt;
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');
const dir = mkdtempSync(join(tmpdir(), 'spool-outage-'));
const fixture = fileURLToPath(new URL('fixtures/steady.mjs', import.meta.url));
const child = spawn(process.execPath, [fixture, '1000', '1000'], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: {
    PATH: process.env.PATH,
    LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
    LANGFUSE_SECRET_KEY: 'sk-lf-1',
    LANGFUSE_BASE_URL: `http://127.0.0.1:${server.address().port}`,
    LANGFUSE_SPOOL: mode,
    LANGFUSE_SPOOL_DIR: join(dir, 'spool'),
    LANGFUSE_SPOOL_MAX_BYTES: String(1024 * 1024 * 1024),
  },
});
const output = text(child.stdout);
await sleep(BEFORE_MS);
isDown = true;
await sleep(Number(seconds) * 1_000);
isDown = false;
upAt = performance.now();
await sleep(AFTER_MS);
child.stdin.end('end\n');
const said = /end (.*)/.exec(await output)?.[1];
if (said === undefined) throw new Error(`it did not end: ${await output}`);
const { recorded, ...rest } = JSON.parse(said);
const duplicates = [...taken.values()].filter((times) => times > 1).length;
process.stdout.write(
  `${JSON.stringify({ mode, recorded, lost: recorded - taken.size, duplicates, firstAfterMs, ...rest })}\n`,
);
server.closeAllConnections();
server.close();
rmSync(dir, { recursive: true });
process.exitCode = recorded === taken.size && firstAfterMs <= 30_000 ? 0 : 1;
