/** Without `REDIS_URL`, the sample starts a Redis of its own, in memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

const MISSING = `There is no redis-server here. Install it (apt-get install redis-server,
brew install redis), or say where one is:

  docker run --rm -d -p 6379:6379 redis
  REDIS_URL=redis://127.0.0.1:6379 npm start`;

export class LocalRedis {
  private constructor(private readonly server: ChildProcess) {}

  /** Starts it and points `REDIS_URL` to it; without one the process ends. */
  static async start(): Promise<LocalRedis> {
    const port = String(await freePort());
    const options = { bind: '127.0.0.1', port, save: '', dir: tmpdir() };
    const args = Object.entries(options).flatMap(([name, value]) => [
      `--${name}`,
      value,
    ]);
    const server = spawn('redis-server', args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      // In a process group of its own: Ctrl-C is not for it. The worker needs it
      // until the job that runs is finished.
      detached: true,
    });
    process.once('exit', () => server.kill());
    await isReady(server);
    process.env['REDIS_URL'] = `redis://127.0.0.1:${port}`;
    return new LocalRedis(server);
  }

  async stop(): Promise<void> {
    const stopped = once(this.server, 'exit');
    this.server.kill();
    await stopped;
  }
}

async function isReady(server: ChildProcess): Promise<void> {
  try {
    await once(server, 'spawn');
  } catch {
    console.error(MISSING);
    process.exit(1);
  }
  for await (const line of createInterface({ input: server.stdout! })) {
    if (line.includes('Ready to accept connections')) {
      server.stdout?.resume();
      return;
    }
  }
  throw new Error('redis-server ended before it was ready');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
