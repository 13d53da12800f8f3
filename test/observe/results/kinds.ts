/** Each kind of result: how a method makes it and how its caller reads it. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ReadableStream } from 'node:stream/web';
import { StreamableFile } from '@nestjs/common';
import { from, lastValueFrom, type Observable, take, tap, toArray } from 'rxjs';

export type Outcome = 'success' | 'failure' | 'early end';

/** What runs inside the method, once for each of its chunks. */
export type Work = () => void;

export interface Kind {
  readonly name: string;
  /** Whether its reader can leave before the end. */
  readonly isStream: boolean;
  readonly make: (outcome: Outcome, work: Work) => unknown;
  /** What the caller gets of the result, as one text. */
  readonly read: (result: unknown, outcome: Outcome) => Promise<string>;
}

export const FAILURE = new Error('out of words');

const WORDS = ['one ', 'two ', 'three'];

function* words(outcome: Outcome, work: Work): Generator<string> {
  for (const word of WORDS) {
    work();
    yield word;
    if (outcome === 'failure') throw FAILURE;
  }
}

async function* wordsLater(
  outcome: Outcome,
  work: Work,
): AsyncGenerator<string> {
  for (const word of words(outcome, work)) {
    await new Promise((resolve) => setImmediate(resolve));
    yield word;
  }
}

function value(outcome: Outcome, work: Work): string {
  work();
  if (outcome === 'failure') throw FAILURE;
  return WORDS.join('');
}

/** As the streams of model clients: private state, made of a factory. */
export class WordStream implements AsyncIterable<string> {
  readonly controller = new AbortController();
  readonly #make: () => AsyncIterator<string>;

  constructor(make: () => AsyncIterator<string>) {
    this.#make = make;
  }

  get aborted(): boolean {
    return this.#make !== undefined && this.controller.signal.aborted;
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return this.#make();
  }
}

async function readIterable(
  result: unknown,
  outcome: Outcome,
): Promise<string> {
  let read = '';
  for await (const word of result as AsyncIterable<string>) {
    read += String(
      (word as unknown) instanceof Uint8Array ? Buffer.from(word) : word,
    );
    if (outcome === 'early end') break;
  }
  return read;
}

function readObservable(result: unknown, outcome: Outcome): Promise<string> {
  const words$ = result as Observable<string>;
  const count = outcome === 'early end' ? 1 : Infinity;
  return lastValueFrom(words$.pipe(take(count), toArray())).then((all) =>
    all.join(''),
  );
}

function pullFrom(
  iterator: AsyncIterator<string>,
): ConstructorParameters<typeof ReadableStream>[0] {
  return {
    async pull(controller) {
      const { done, value: word } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(word);
    },
  };
}

/** Iterators that are no generators, as hand-written ones are. */
function iteratorOf(generator: Generator<string>): IterableIterator<string> {
  return {
    next: () => generator.next(),
    return: () => generator.return(undefined),
    [Symbol.iterator]() {
      return this;
    },
  };
}

function asyncIteratorOf(
  generator: AsyncGenerator<string>,
): AsyncIterableIterator<string> {
  return {
    next: () => generator.next(),
    return: () => generator.return(undefined),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function readIterator(result: unknown, outcome: Outcome): string {
  let read = '';
  for (const word of result as Iterable<string>) {
    read += word;
    if (outcome === 'early end') break;
  }
  return read;
}

function bytesFrom(iterator: AsyncIterator<string>): ReadableStream {
  const encoder = new TextEncoder();
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const { done, value: word } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(word));
    },
  });
}

export const KINDS: readonly Kind[] = [
  {
    name: 'value',
    isStream: false,
    make: value,
    read: async (result) => String(result),
  },
  {
    name: 'promise',
    isStream: false,
    async make(outcome, work) {
      await Promise.resolve();
      return value(outcome, work);
    },
    read: async (result) => String(await result),
  },
  {
    name: 'generator',
    isStream: true,
    make: words,
    read: async (result, outcome) => readIterator(result, outcome),
  },
  {
    name: 'iterator',
    isStream: true,
    make: (outcome, work) => iteratorOf(words(outcome, work)),
    read: async (result, outcome) => readIterator(result, outcome),
  },
  {
    name: 'asyncGenerator',
    isStream: true,
    make: wordsLater,
    read: readIterable,
  },
  {
    name: 'asyncIterator',
    isStream: true,
    make: (outcome, work) => asyncIteratorOf(wordsLater(outcome, work)),
    read: readIterable,
  },
  {
    name: 'asyncIterable',
    isStream: true,
    make: (outcome, work) => new WordStream(() => wordsLater(outcome, work)),
    read: readIterable,
  },
  {
    name: 'promiseOfIterable',
    isStream: true,
    make: async (outcome, work) =>
      new WordStream(() => wordsLater(outcome, work)),
    read: async (result, outcome) => readIterable(await result, outcome),
  },
  {
    name: 'observable',
    isStream: true,
    make: (outcome, work) => from(wordsLater(outcome, work)).pipe(tap()),
    read: readObservable,
  },
  {
    name: 'promiseOfObservable',
    isStream: true,
    make: async (outcome, work) => from(wordsLater(outcome, work)),
    read: async (result, outcome) => readObservable(await result, outcome),
  },
  {
    name: 'synchronousObservable',
    isStream: true,
    make: (outcome, work) => from(words(outcome, work)),
    read: readObservable,
  },
  {
    name: 'nodeStream',
    isStream: true,
    make(outcome, work) {
      return Readable.from(wordsLater(outcome, work), {
        highWaterMark: 1,
      });
    },
    read: readIterable,
  },
  {
    name: 'promiseOfNodeStream',
    isStream: true,
    make: async (outcome, work) =>
      Readable.from(wordsLater(outcome, work), { highWaterMark: 1 }),
    read: async (result, outcome) => readIterable(await result, outcome),
  },
  {
    name: 'streamableFile',
    isStream: true,
    make(outcome, work) {
      return new StreamableFile(
        Readable.from(wordsLater(outcome, work), {
          objectMode: false,
          highWaterMark: 1,
        }),
      );
    },
    read: (result, outcome) =>
      outcome === 'early end'
        ? readIterable((result as StreamableFile).getStream(), outcome)
        : text((result as StreamableFile).getStream()),
  },
  {
    name: 'webStream',
    isStream: true,
    make: (outcome, work) =>
      new ReadableStream(pullFrom(wordsLater(outcome, work)), {
        highWaterMark: 0,
      }),
    read: readIterable,
  },
  {
    name: 'promiseOfWebStream',
    isStream: true,
    make: async (outcome, work) =>
      new ReadableStream(pullFrom(wordsLater(outcome, work)), {
        highWaterMark: 0,
      }),
    read: async (result, outcome) => readIterable(await result, outcome),
  },
  {
    name: 'byteStream',
    isStream: true,
    make: (outcome, work) => bytesFrom(wordsLater(outcome, work)),
    read: readIterable,
  },
];
