import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { withLangfuseFlush } from '../../lib/index.js';
import { isSettled, platform, Target } from './doubles.js';

describe('a platform with waitUntil', () => {
  const handler = (..._args: unknown[]) => 'done';

  /** The result is there at once, and the platform has the flush. */
  async function expectFlushIn(
    promises: readonly Promise<unknown>[],
    queue: Target,
    result: Promise<string>,
  ) {
    expect(await isSettled(result)).toBe(true);
    expect(promises).toHaveLength(1);
    expect(queue.timeouts).toEqual([2_000]);
    expect(await isSettled(promises[0]!)).toBe(false);
    queue.settle();
    expect(await isSettled(promises[0]!)).toBe(true);
  }

  it('named in the options gets the flush', async () => {
    const queue = new Target(true);
    const { promises, waitUntil } = platform();
    const result = withLangfuseFlush(handler, { queue, waitUntil })();
    await expectFlushIn(promises, queue, result);
  });

  it('in one of the arguments gets it, as a method', async () => {
    const queue = new Target(true);
    const promises: Promise<unknown>[] = [];
    class ExecutionContext {
      #promises = promises;
      waitUntil(promise: Promise<unknown>) {
        this.#promises.push(promise);
      }
    }
    const wrapped = withLangfuseFlush(handler, { queue });
    const result = wrapped({}, {}, new ExecutionContext());
    await expectFlushIn(promises, queue, result);
  });

  it.each(['@vercel/request-context', '@next/request-context'])(
    'in the global %s gets it',
    async (name) => {
      const queue = new Target(true);
      const { promises, waitUntil } = platform();
      const context = { get: () => ({ waitUntil }) };
      const globals = globalThis as { [key: symbol]: unknown };
      globals[Symbol.for(name)] = context;
      try {
        const result = withLangfuseFlush(handler, { queue })();
        await expectFlushIn(promises, queue, result);
      } finally {
        delete globals[Symbol.for(name)];
      }
    },
  );

  it('gets it after an error, too', async () => {
    const queue = new Target(true);
    const { promises, waitUntil } = platform();
    const error = new Error('of the handler');
    const result = withLangfuseFlush(() => Promise.reject(error), {
      queue,
      waitUntil,
    })();
    await expect(result).rejects.toBe(error);
    expect(queue.timeouts).toHaveLength(1);
    expect(promises).toHaveLength(1);
  });

  it('that refuses it is waited for as if there were none', async () => {
    const queue = new Target(true);
    const result = withLangfuseFlush(handler, {
      queue,
      waitUntil() {
        throw new Error('called outside of a request');
      },
    })();
    expect(await isSettled(result)).toBe(false);
    queue.settle();
    expect(await result).toBe('done');
  });
});

describe('a handler of (request, response)', () => {
  it('is flushed when the response has been sent, however late', async () => {
    const queue = new Target();
    const { promises, waitUntil } = platform();
    let response: ServerResponse | undefined;
    const handler = withLangfuseFlush(
      (_request: object, given: ServerResponse) => void (response = given),
      { queue, waitUntil },
    );
    const server = createServer((...args) => void handler(...args));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = fetch(`http://127.0.0.1:${port}`);
    await once(server, 'request');
    await isSettled(Promise.resolve());
    expect(promises).toHaveLength(1);
    expect(queue.timeouts).toEqual([]);
    response!.end('sent');
    expect(await (await answer).text()).toBe('sent');
    await promises[0];
    expect(queue.timeouts).toHaveLength(1);
    server.close();
    server.closeAllConnections();
  });

  it('is flushed also where the response is no stream', async () => {
    const queue = new Target();
    const response = { writeHead() {}, end() {}, on() {} };
    const handler = withLangfuseFlush(
      (_request: object, _response: object) => 'done',
      { queue },
    );
    expect(await handler({}, response)).toBe('done');
    expect(queue.timeouts).toHaveLength(1);
  });
});
