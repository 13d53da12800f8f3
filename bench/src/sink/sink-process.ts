/**
 * A server that takes whatever it is sent, in a process of its own. While
 * something is measured it only keeps the bytes; it reads them afterwards.
 */
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { countReceived, type ReceivedBody } from './received.js';
import type { FromSink, SinkMode, ToSink } from './sink-messages.js';

/** Longer than any run, so that no idle connection breaks. */
const KEEP_ALIVE_MS = 600_000;

const bodies: ReceivedBody[] = [];
let bytes = 0;
let requests = 0;
let mode: SinkMode = { answers: 'success', delayMs: 0 };

const server = createServer(
  { keepAliveTimeout: KEEP_ALIVE_MS },
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => void answer(request, response, chunks));
  },
);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  tell({ say: 'listening', port });
});

process.on('message', (message: ToSink) => {
  if (message.say === 'mode') {
    ({ mode } = message);
    tell({ say: 'mode' });
  } else {
    const report = { requests, bytes, ...countReceived(bodies) };
    tell({ say: 'report', report });
  }
});
process.on('disconnect', () => process.exit());

async function answer(
  { url = '', headers }: IncomingMessage,
  response: ServerResponse,
  chunks: Buffer[],
): Promise<void> {
  requests += 1;
  const { answers } = mode;
  if (answers === 'never') return;
  if (answers === 'error') {
    response.writeHead(mode.status).end();
    return;
  }
  // One chunk is a small part of a larger piece of memory.
  const body = Buffer.concat(chunks);
  bytes += body.length;
  const isProtobuf = headers['content-type'] === 'application/x-protobuf';
  const isGzip = headers['content-encoding'] === 'gzip';
  bodies.push({ chunks: [body], isGzip, isProtobuf });
  if (mode.delayMs > 0) await setTimeout(mode.delayMs);
  if (isProtobuf) {
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    return;
  }
  const isLegacy = url.endsWith('/ingestion');
  response
    .writeHead(isLegacy ? 207 : 200, { 'content-type': 'application/json' })
    .end(isLegacy ? '{"successes":[],"errors":[]}' : '{}');
}

function tell(message: FromSink): void {
  process.send?.(message);
}
