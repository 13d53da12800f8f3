/** A way to a receiver that a test can make slow, or hold up. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { LangfuseLocalServer } from '../../lib/local/index.js';
import {
  type ReceivedRequest,
  RecordingServer,
} from '../support/recording-server.js';

export class Destination {
  /** Lets go of what was held up, and holds nothing up any more. */
  readonly release: () => void;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly front: RecordingServer,
    release: () => void,
  ) {
    this.release = release;
  }

  /** One that answers each request after `ms`. */
  static slow(receiver: LangfuseLocalServer, ms: number): Promise<Destination> {
    return Destination.before(receiver, () => delay(ms));
  }

  /** One that holds all requests up until `release()`. */
  static held(receiver: LangfuseLocalServer): Promise<Destination> {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    return Destination.before(
      receiver,
      () => released,
      () => release(),
    );
  }

  private static async before(
    receiver: LangfuseLocalServer,
    pass: () => Promise<void>,
    release: () => void = () => {},
  ): Promise<Destination> {
    const front = await RecordingServer.start(async (response, request) => {
      const { socket } = response;
      if (socket) destination.sockets.add(socket);
      await pass();
      // What is held on a connection that breaks does not get through.
      if (!socket?.destroyed) await forward(receiver, request, response);
    });
    const destination = new Destination(front, release);
    return destination;
  }

  get url(): string {
    return this.front.url;
  }

  /** Resolves when so many requests have come in. */
  async received(count: number): Promise<void> {
    await this.front.received(count);
  }

  /** Breaks the connections, as servers and routers do with idle ones. */
  disconnect(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }
}

async function forward(
  receiver: LangfuseLocalServer,
  { method, path, headers, body }: ReceivedRequest,
  response: ServerResponse,
): Promise<void> {
  const kept = ['authorization', 'content-type', 'content-encoding'];
  const answer = await fetch(receiver.url + path, {
    method,
    headers: kept.flatMap((name): [string, string][] => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
    body: new Uint8Array(body),
  });
  response
    .writeHead(answer.status, { 'content-type': 'application/json' })
    .end(await answer.text());
}
