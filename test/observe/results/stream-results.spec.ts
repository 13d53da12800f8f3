/** What is special about each kind of stream that a method returns. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ReadableStream } from 'node:stream/web';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Injectable } from '@nestjs/common';
import {
  BehaviorSubject,
  defer,
  firstValueFrom,
  lastValueFrom,
  NEVER,
  type Observable,
  of,
  range,
  retry,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LangfuseService, Trace } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';

/** What the SDKs of OpenAI and Anthropic return: see `core/streaming`. */
class ClientStream implements AsyncIterable<{ delta: string }> {
  readonly controller = new AbortController();
  readonly #client = 'client';

  constructor(private iterator: () => AsyncIterator<{ delta: string }>) {}

  [Symbol.asyncIterator](): AsyncIterator<{ delta: string }> {
    return this.iterator();
  }

  /** The right branch sees what the left one has read. */
  tee(): [ClientStream, ClientStream] {
    const source = this.iterator();
    const left: Promise<IteratorResult<{ delta: string }>>[] = [];
    const right: typeof left = [];
    const branch = (queue: typeof left) => () => ({
      next() {
        if (queue.length === 0) {
          const result = source.next();
          left.push(result);
          right.push(result);
        }
        return queue.shift()!;
      },
    });
    expect(this.#client).toBe('client');
    return [new ClientStream(branch(left)), new ClientStream(branch(right))];
  }
}

/** As OpenAI's `APIPromise`: the answer is read by whoever calls `then`. */
class LazyPromise<T> extends Promise<T> {
  reads = 0;
  #parsed: Promise<T> | undefined;

  constructor(private readonly parse: () => Promise<T>) {
    super((resolve) => resolve(undefined as T));
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
  override then<A = T, B = never>(
    ok?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#parsed ??= this.parse();
    this.reads += 1;
    return this.#parsed.then(ok, failed);
  }

  async withResponse(): Promise<{ data: T; status: number }> {
    this.#parsed ??= this.parse();
    return { data: await this.#parsed, status: 200 };
  }
}

/** As LangChain's `IterableReadableStream`. */
class ChatStream extends ReadableStream<string> {
  readonly model = 'm';
}

class Numbers {
  readonly name = 'numbers';
  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    yield 1;
    yield 2;
  }
}

async function* deltas(): AsyncGenerator<{ delta: string }> {
  yield { delta: 'a' };
  yield { delta: 'b' };
}

@Injectable()
class Streams {
  attempts = 0;
  readonly counter$ = new BehaviorSubject(7);
  readonly response = new Response('body');
  readonly numbers = new Numbers();

  constructor(private readonly langfuse: LangfuseService) {}

  private work(): void {
    this.langfuse.startObservation('work').end();
  }

  @Trace('client')
  client(): ClientStream {
    return new ClientStream(deltas);
  }

  @Trace('lazy')
  lazy(): LazyPromise<string> {
    return new LazyPromise(async () => 'answer');
  }

  @Trace('flaky')
  flaky(): Observable<string> {
    return defer(() => {
      this.work();
      this.attempts += 1;
      return this.attempts < 3 ? throwError(() => new Error('busy')) : of('ok');
    });
  }

  @Trace('counter')
  counter(): BehaviorSubject<number> {
    return this.counter$;
  }

  @Trace('never')
  never(): Observable<string> {
    return NEVER;
  }

  @Trace('endless')
  endless(): Observable<number> {
    return range(0, Infinity);
  }

  @Trace('eager')
  eager(): Observable<string> {
    this.work();
    return of('x');
  }

  @Trace('generator')
  *generator(): Generator<number, string, string | undefined> {
    try {
      const heard = yield 1;
      this.work();
      if (heard === 'stop') return 'stopped';
      yield 2;
      return 'returned';
    } finally {
      this.work();
    }
  }

  @Trace('outer generator')
  outer(): Generator<number> {
    return this.generator();
  }

  @Trace('numbers')
  shared(): Numbers {
    return this.numbers;
  }

  @Trace('readable')
  readable(): Readable {
    return Readable.from(['a', 'b', 'c'], { objectMode: false });
  }

  @Trace('bytes')
  bytes(): ReadableStream<Uint8Array> {
    const whole = Buffer.from('grün');
    // The two bytes of ü come apart.
    const cuts = [whole.subarray(0, 3), whole.subarray(3)];
    return new ReadableStream({
      type: 'bytes',
      pull(controller) {
        const part = cuts.shift();
        if (part) controller.enqueue(new Uint8Array(part));
        else {
          controller.close();
          controller.byobRequest?.respond(0);
        }
      },
    });
  }

  @Trace('binary')
  async *binary(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array([0xff, 0xfe]);
    yield new Uint8Array([1, 2, 3]);
  }

  @Trace('web')
  web(): ReadableStream<string> {
    return ReadableStream.from(['a', 'b']) as ReadableStream<string>;
  }

  @Trace('chat')
  async chat(): Promise<ChatStream> {
    return new ChatStream({
      start(controller) {
        controller.enqueue('a');
        controller.enqueue('b');
        controller.close();
      },
    });
  }

  @Trace('response')
  fetch(): Response {
    return this.response;
  }

  @Trace('many')
  *many(): Generator<number> {
    for (let index = 0; index < 1500; index++) yield index;
  }
}

let traced: TracedApplication;
let streams: Streams;
beforeEach(async () => {
  traced = await TracedApplication.start({ providers: [Streams] });
  streams = traced.get(Streams);
});
afterEach(() => traced.close());

async function all<T>(chunks: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const chunk of chunks) list.push(chunk);
  return list;
}

describe('the stream of a model client', () => {
  it('stays what it is and is read through', async () => {
    const stream = streams.client();
    expect(stream).toBeInstanceOf(ClientStream);
    expect(stream.controller).toBeInstanceOf(AbortController);
    expect(await all(stream)).toEqual([{ delta: 'a' }, { delta: 'b' }]);
    expect(await traced.observation('client')).toMatchObject({
      output: '[{"delta":"a"},{"delta":"b"}]',
      level: 'DEFAULT',
    });
  });

  it('can be split', async () => {
    const [left, right] = streams.client().tee();
    expect(await all(left)).toEqual(await all(right));
    expect((await traced.observation('client')).output).toBe(
      '[{"delta":"a"},{"delta":"b"}]',
    );
  });

  it('can be read again by others without being recorded again', async () => {
    const numbers = streams.shared();
    expect(numbers.name).toBe('numbers');
    expect(numbers).toBeInstanceOf(Numbers);
    expect(await all(numbers)).toEqual([1, 2]);
    expect(await all(numbers)).toEqual([1, 2]);
    expect((await traced.observation('numbers')).output).toBe('[1,2]');
    expect(Object.keys(streams.numbers)).toEqual(['name']);
  });
});

describe('a promise that is lazy', () => {
  it('is not asked before the caller asks', async () => {
    const lazy = streams.lazy();
    expect(lazy).toBeInstanceOf(LazyPromise);
    await Promise.resolve();
    expect(lazy.reads).toBe(0);
    expect(await lazy).toBe('answer');
    expect((await traced.observation('lazy')).output).toBe('answer');
  });

  it('is followed through its other methods', async () => {
    expect(await streams.lazy().withResponse()).toEqual({
      data: 'answer',
      status: 200,
    });
    expect((await traced.observation('lazy')).output).toBe(
      '{"data":"answer","status":200}',
    );
  });
});

describe('an Observable', () => {
  it('that nobody subscribes to leaves nothing', async () => {
    streams.flaky();
    expect(await traced.tree()).toEqual([]);
  });

  it('is an observation for each subscription, side by side', async () => {
    const result = await traced.langfuse.startActiveObservation('root', () =>
      lastValueFrom(streams.flaky().pipe(retry(5))),
    );
    expect(result).toBe('ok');
    expect(await traced.tree()).toEqual([
      'root',
      '  flaky',
      '    work',
      '  flaky',
      '    work',
      '  flaky',
      '    work',
    ]);
    const observations = await traced.observations();
    expect(
      observations
        .filter(({ name }) => name === 'flaky')
        .map(({ level }) => level)
        .toSorted(),
    ).toEqual(['DEFAULT', 'ERROR', 'ERROR']);
  });

  it('keeps what a Subject has', async () => {
    const counter = streams.counter();
    expect(counter).toBeInstanceOf(BehaviorSubject);
    expect(counter.value).toBe(7);
    const seen: number[] = [];
    const subscription = counter.subscribe((value) => seen.push(value));
    counter.next(8);
    subscription.unsubscribe();
    expect(seen).toEqual([7, 8]);
    expect(streams.counter$.observed).toBe(false);
    expect(await traced.observation('counter')).toMatchObject({
      output: '[7,8]',
      statusMessage: 'stopped after 2 chunks',
    });
  });

  it('left before it gave anything is a warning', async () => {
    streams.never().subscribe().unsubscribe();
    expect(await traced.observation('never')).toMatchObject({
      level: 'WARNING',
      statusMessage: 'stopped before the first chunk',
      output: null,
    });
  });

  it('that never pauses stops when its reader has enough', async () => {
    const first = await firstValueFrom(
      streams.endless().pipe(take(3), toArray()),
    );
    expect(first).toEqual([0, 1, 2]);
    expect((await traced.observation('endless')).output).toBe('[0,1,2]');
  });

  it('goes on with the call in which something was recorded', async () => {
    expect(await lastValueFrom(streams.eager())).toBe('x');
    expect(await traced.tree()).toEqual(['eager', '  work']);
  });

  it('starts when it is subscribed to, below who subscribes', async () => {
    streams.attempts = 3;
    const flaky$ = streams.flaky();
    const generator = streams.generator();
    const before = Date.now();
    while (Date.now() < before + 3);
    await traced.langfuse.startActiveObservation('reader', async () => {
      await lastValueFrom(flaky$);
      expect([...generator]).toEqual([1, 2]);
    });
    expect(await traced.tree()).toEqual([
      'reader',
      '  flaky',
      '    work',
      '  generator',
      '    work',
      '    work',
    ]);
    for (const name of ['flaky', 'generator']) {
      const { startTime } = await traced.observation(name);
      expect(Date.parse(startTime)).toBeGreaterThan(before + 1);
    }
  });

  it('runs its reader outside', async () => {
    const read = () => traced.langfuse.startObservation('reader').end();
    streams.flaky().subscribe({ error: read });
    streams.eager().subscribe({ next: read, complete: read });
    expect(await traced.tree()).toEqual([
      'eager',
      '  work',
      'flaky',
      '  work',
      'reader',
      'reader',
      'reader',
    ]);
  });
});

describe('a generator', () => {
  it('that nobody iterates leaves nothing', async () => {
    expect(streams.generator().return('unread')).toEqual({
      done: true,
      value: 'unread',
    });
    expect(await traced.tree()).toEqual([]);
  });

  it('takes what is sent into it, and tells what it returns', async () => {
    const generator = streams.generator();
    expect(generator[Symbol.iterator]()).toBe(generator);
    expect(Object.prototype.toString.call(generator)).toBe(
      '[object Generator]',
    );
    expect(generator.next()).toEqual({ done: false, value: 1 });
    expect(generator.next('stop')).toEqual({ done: true, value: 'stopped' });
    expect(generator.next()).toEqual({ done: true, value: undefined });
    const read = await traced.observation('generator');
    expect(read.output).toBe('[1]');
    expect(read.metadata).toMatchObject({ returned: 'stopped' });
    expect(await traced.tree()).toEqual(['generator', '  work', '  work']);
  });

  it('fails with what is thrown into it', async () => {
    const generator = streams.generator();
    generator.next();
    const error = new Error('thrown in');
    expect(() => generator.throw(error)).toThrow(error);
    expect(await traced.observation('generator')).toMatchObject({
      level: 'ERROR',
      statusMessage: 'thrown in',
      output: '[1]',
    });
  });

  it('of a traced method is below the one that passes it on', async () => {
    expect([...streams.outer()]).toEqual([1, 2]);
    expect(await traced.tree()).toEqual([
      'outer generator',
      '  generator',
      '    work',
      '    work',
    ]);
  });

  it('has its output bounded, visibly', async () => {
    expect([...streams.many()]).toHaveLength(1500);
    const { output } = await traced.observation('many');
    const list = JSON.parse(output!) as unknown[];
    expect(list).toHaveLength(1001);
    expect(list.at(-1)).toBe('[Truncated: first 1000 of 1500]');
  });

  it('of bytes that are no text is told by its length', async () => {
    await all(streams.binary());
    expect((await traced.observation('binary')).output).toBe('{"bytes":5}');
  });
});

describe('a Node stream', () => {
  it('is the very stream, unread', async () => {
    const stream = streams.readable();
    expect(stream.readableFlowing).toBeNull();
    expect(stream.listenerCount('data')).toBe(0);
    expect(await traced.tree()).toEqual([]);
    // In paused mode nothing is lost when the listener goes.
    await once(stream, 'readable');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await text(stream)).toBe('abc');
    expect(await traced.observation('readable')).toMatchObject({
      output: 'abc',
      level: 'DEFAULT',
    });
  });

  it('ends with its error', async () => {
    const stream = streams.readable();
    const failed = once(stream, 'error');
    stream.destroy(new Error('disk'));
    await failed;
    expect(await traced.observation('readable')).toMatchObject({
      level: 'ERROR',
      statusMessage: 'disk',
    });
  });

  it('ends when it is closed', async () => {
    const stream = streams.readable();
    stream.destroy();
    await once(stream, 'close');
    expect(await traced.observation('readable')).toMatchObject({
      level: 'WARNING',
      statusMessage: 'stopped before the first chunk',
    });
  });
});

describe('a web stream', () => {
  it('of bytes is one of bytes', async () => {
    const stream = streams.bytes();
    const reader = stream.getReader({ mode: 'byob' });
    const seen: number[] = [];
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(8));
      if (done) break;
      seen.push(...value);
    }
    expect(Buffer.from(seen).toString()).toBe('grün');
    expect((await traced.observation('bytes')).output).toBe('grün');
  });

  it('is read by a Response', async () => {
    const body = streams.bytes() as unknown as BodyInit;
    expect(await new Response(body).text()).toBe('grün');
    expect((await traced.observation('bytes')).output).toBe('grün');
  });

  it('ends when it is cancelled', async () => {
    await streams.web().cancel('enough');
    expect(await traced.observation('web')).toMatchObject({
      level: 'WARNING',
      statusMessage: 'stopped before the first chunk',
    });
  });

  it.each([
    ['iterated', (stream: ChatStream) => all(stream)],
    [
      'read by Node',
      (stream: ChatStream) =>
        Readable.fromWeb(stream, { objectMode: true }).toArray() as Promise<
          string[]
        >,
    ],
  ])('of a class of its own stays what it is: %s', async (_, read) => {
    const stream = await streams.chat();
    expect(stream).toBeInstanceOf(ChatStream);
    expect(stream.model).toBe('m');
    expect(await read(stream)).toEqual(['a', 'b']);
    expect((await traced.observation('chat')).output).toBe('ab');
  });

  it('in a Response is not touched', async () => {
    expect(streams.fetch()).toBe(streams.response);
    expect(streams.response.bodyUsed).toBe(false);
    await traced.observation('response');
    expect(await streams.response.text()).toBe('body');
  });
});

it('what is never read ends when it is collected', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  (() => void streams.client())();
  streams.shared();
  await vi.waitFor(async () => {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await traced.observation('client')).toMatchObject({
      level: 'DEFAULT',
      statusMessage: 'the result was never read',
    });
  });
});
