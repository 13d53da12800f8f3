import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpClient } from '../../lib/deliver/http-client.js';
import { systemClock } from '../../lib/queue/index.js';

/** More than the buffers of two sockets hold. */
const BODY_BYTES = 20_000_000;
const SENT = 0x41;
const USED_AGAIN = 0xff;

/** Answers when a request has begun, and reads the rest of it when told to. */
async function answersEarly(status: string) {
  const received: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', (chunk) => {
      received.push(chunk);
      socket.pause();
      socket.on('data', (more) => received.push(more));
      socket.pause();
      socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    async readToTheEnd(): Promise<Buffer> {
      const [socket] = sockets;
      const closed = new Promise((resolve) => socket!.once('close', resolve));
      socket!.resume();
      await closed;
      return Buffer.concat(received);
    },
  };
}

describe('an answer before the request is complete', () => {
  it.each(['413 Payload Too Large', '200 OK'])(
    'ends the request: nothing is sent of memory that is used again (%s)',
    async (status) => {
      const server = await answersEarly(status);
      const client = new HttpClient(systemClock);
      onTestFinished(() => client.close());
      const body = Buffer.alloc(BODY_BYTES, SENT);
      const result = await client.send(
        {
          method: 'POST',
          url: server.url,
          headers: { 'content-length': `${BODY_BYTES}` },
          body: [body],
        },
        {
          timeoutMs: 10_000,
          signal: new AbortController().signal,
          inBackground: false,
        },
      );
      expect(result).toMatchObject({
        kind: 'answer',
        status: Number(status.slice(0, 3)),
      });
      body.fill(USED_AGAIN);
      const received = await server.readToTheEnd();
      expect(received.includes(SENT)).toBe(true);
      expect(received.includes(USED_AGAIN)).toBe(false);
    },
  );
});
