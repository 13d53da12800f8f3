/** Requests that are answered bit by bit, by handlers that are not traced. */
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { Controller, Get, Param, StreamableFile } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LangfuseService } from '../../../lib/index.js';
import { onBodyFailure } from '../../../lib/observe/requests/streamed-body.js';
import { TracedApplication } from '../../support/traced-application.js';
import { ADAPTERS } from './requests-support.js';

type Ending = 'whole' | 'broken';

const ending = Param('ending');

@Controller()
class BodiesController {
  constructor(private readonly langfuse: LangfuseService) {}

  @Get('file/:ending')
  file(@ending how: Ending): StreamableFile {
    return new StreamableFile(this.readable(how));
  }

  @Get('readable/:ending')
  readable(@ending how: Ending): Readable {
    return Readable.from(this.iterable(how), { objectMode: false });
  }

  @Get('web/:ending')
  web(@ending how: Ending): ReadableStream {
    return ReadableStream.from(this.iterable(how));
  }

  @Get('response/:ending')
  response(@ending how: Ending): Response {
    const encoder = new TextEncoder();
    const words = Readable.from(this.iterable(how)).map((word: string) =>
      encoder.encode(word),
    );
    return new Response(Readable.toWeb(words) as globalThis.ReadableStream);
  }

  @Get('iterable/:ending')
  async *iterable(@ending how: Ending): AsyncGenerator<string> {
    yield 'one ';
    await new Promise((resolve) => setImmediate(resolve));
    this.langfuse.startObservation('within').end();
    if (how === 'broken') throw new Error('out of words');
    yield 'two';
  }
}

const KINDS = ['file', 'readable', 'web', 'response', 'iterable'];

describe.each(ADAPTERS)('over %s', (_name, adapter) => {
  let traced: TracedApplication;
  let url: string;
  beforeAll(async () => {
    traced = await TracedApplication.start({
      adapter: adapter(),
      controllers: [BodiesController],
      langfuse: { flushAt: 1, traceRequests: true },
    });
    url = await traced.listen();
  });
  afterAll(() => traced.close());

  const requested = (kind: string, how: Ending) =>
    traced.local.waitFor((local) =>
      local
        .observations({ name: `GET /${kind}/:ending` })
        .find(({ input }) => String(input).includes(how)),
    );

  it.each(KINDS)('%s is sent as it is, and is no output', async (kind) => {
    const response = await fetch(`${url}/${kind}/whole`);
    expect(await response.text()).toBe('one two');
    const root = await requested(kind, 'whole');
    expect(root).toMatchObject({ output: null, level: 'DEFAULT' });
    const observations = await traced.observations(root.traceId);
    expect(
      observations.map(({ name, parentObservationId }) => [
        name,
        parentObservationId,
      ]),
    ).toEqual(
      expect.arrayContaining([
        [root.name, null],
        ['within', root.id],
      ]),
    );
  });

  it.each(KINDS)('%s that breaks off is a failure', async (kind) => {
    const response = await fetch(`${url}/${kind}/broken`);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(await requested(kind, 'broken')).toMatchObject({
      level: 'ERROR',
      statusMessage: 'out of words',
      output: null,
    });
  });
});

it('one body that answers many requests is watched once, for the latest', async () => {
  const shared = {
    async *[Symbol.asyncIterator]() {
      yield 'one';
      throw new Error('out of words');
    },
  };
  const told: number[] = [];
  for (let request = 0; request < 20_000; request++) {
    onBodyFailure(shared, () => told.push(request));
  }
  const words: string[] = [];
  await expect(
    (async () => {
      for await (const word of shared) words.push(word);
    })(),
  ).rejects.toThrow('out of words');
  expect(words).toEqual(['one']);
  expect(told).toEqual([19_999]);
});
