/**
 * A server that knows which records it has: they are named `#<id>#`, once in
 * their bytes, and come uncompressed.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** Long enough that no other bytes look like one. */
const NAME = /#([a-z]\w*-\w+)#/g;

export class IdServer {
  /** How often each record was taken. */
  readonly taken = new Map<string, number>();
  /** Bytes of the requests that were taken. */
  bytes = 0;
  /** What it answers, if it does; what is not answered with 200 was not taken. */
  status: number | 'mute' = 200;
  /** Milliseconds until it answers. */
  delayMs = () => 0;
  private readonly watchers = new Set<() => void>();

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void buffer(request).then((body) => {
        const { status } = this;
        if (status === 'mute') return;
        setTimeout(() => {
          if (status === 200) this.take(body);
          response
            .writeHead(status, { 'content-type': 'application/json' })
            .end('{}');
        }, this.delayMs());
      });
    });
  }

  /** Listens on a port of loopback until the test ends. */
  static async start(port = 0): Promise<IdServer> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return new IdServer(server);
  }

  /** Listens on a free port, and takes nothing. */
  static async startDown(status: number | 'mute' = 503): Promise<IdServer> {
    const server = await IdServer.start();
    server.status = status;
    return server;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Records that came more than once, by how often more. */
  get duplicates(): ReadonlyMap<string, number> {
    const more = [...this.taken].filter(([, times]) => times > 1);
    return new Map(more.map(([id, times]) => [id, times - 1]));
  }

  /** Resolves when it has all of these, or to what it lacks at the deadline. */
  async has(ids: Iterable<string>, withinMs: number): Promise<string[]> {
    let lacking = [...ids];
    await new Promise<void>((resolve) => {
      const check = () => {
        lacking = lacking.filter((id) => !this.taken.has(id));
        if (lacking.length > 0) return;
        end();
      };
      const end = () => {
        clearTimeout(deadline);
        this.watchers.delete(check);
        resolve();
      };
      const deadline = setTimeout(end, withinMs);
      this.watchers.add(check);
      check();
    });
    return lacking;
  }

  private take(body: Buffer): void {
    this.bytes += body.length;
    for (const [, id] of body.toString('latin1').matchAll(NAME)) {
      this.taken.set(id!, (this.taken.get(id!) ?? 0) + 1);
    }
    for (const check of this.watchers) check();
  }
}
