import { describe, expect, it, vi } from 'vitest';
import { withLangfuseFlush } from '../../lib/index.js';
import { isSettled, platform, Target } from './doubles.js';

describe('a handler that returns a Response', () => {
  const encoder = new TextEncoder();

  /** A response whose body is written by the test. */
  function streamed() {
    const stream = new TransformStream<Uint8Array, Uint8Array>();
    const writer = stream.writable.getWriter();
    const response = new Response(stream.readable, {
      status: 201,
      statusText: 'Made',
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    });
    return { writer, response };
  }

  it('is flushed once the body has been read, which then ends', async () => {
    const queue = new Target(true);
    const { writer, response } = streamed();
    const sent = await withLangfuseFlush(() => response, { queue })();
    expect(sent).toMatchObject({ status: 201, statusText: 'Made' });
    expect(sent.headers.getSetCookie()).toEqual(['a=1', 'b=2']);

    const reader = sent.body!.getReader();
    void writer.write(encoder.encode('hello'));
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('hello');
    expect(queue.timeouts).toEqual([]);
    void writer.close();
    const end = reader.read();
    expect(await isSettled(end)).toBe(false);
    expect(queue.timeouts).toHaveLength(1);
    queue.settle();
    expect(await end).toEqual({ done: true, value: undefined });
  });

  it('with waitUntil ends at once, and the platform waits', async () => {
    const queue = new Target(true);
    const { promises, waitUntil } = platform();
    const { writer, response } = streamed();
    const sent = await withLangfuseFlush(() => response, {
      queue,
      waitUntil,
    })();
    expect(promises).toHaveLength(1);
    void writer.write(encoder.encode('hello')).then(() => writer.close());
    expect(await sent.text()).toBe('hello');
    expect(queue.timeouts).toHaveLength(1);
    expect(await isSettled(promises[0]!)).toBe(false);
    queue.settle();
    expect(await isSettled(promises[0]!)).toBe(true);
  });

  it('is flushed when the client goes away, and hears of it', async () => {
    const queue = new Target();
    const { writer, response } = streamed();
    const sent = await withLangfuseFlush(() => response, { queue })();
    await sent.body!.cancel('gone');
    expect(queue.timeouts).toHaveLength(1);
    await expect(writer.closed).rejects.toBe('gone');
  });

  it('is flushed when the body fails, with its error', async () => {
    const queue = new Target();
    const { writer, response } = streamed();
    const sent = await withLangfuseFlush(() => response, { queue })();
    const error = new Error('the model broke');
    void writer.abort(error);
    await expect(sent.text()).rejects.toBe(error);
    expect(queue.timeouts).toHaveLength(1);
  });

  it('does not read ahead of its reader', async () => {
    const pull = vi.fn((controller: ReadableStreamDefaultController) =>
      controller.enqueue(encoder.encode('x')),
    );
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    await withLangfuseFlush(() => new Response(body), {
      queue: new Target(),
    })();
    await isSettled(Promise.resolve());
    expect(pull).not.toHaveBeenCalled();
  });

  it.each([
    ['without a body', 'GET', () => new Response(null, { status: 204 })],
    ['to a HEAD request', 'HEAD', () => new Response('not sent')],
  ])('%s is handed on unchanged after the flush', async (_, method, make) => {
    const queue = new Target();
    const response = make();
    const handler = withLangfuseFlush((_request: Request) => response, {
      queue,
    });
    const request = new Request('http://localhost/', { method });
    expect(await handler(request)).toBe(response);
    expect(queue.timeouts).toHaveLength(1);
  });
});
