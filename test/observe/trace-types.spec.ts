/** What the compiler knows of the functions in the options of `@Trace()`. */
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type ChunkOf,
  type GenerationAttributes,
  type LangfuseObservation,
  type ObservationAttributes,
  Trace,
  type TraceDecorator,
  type TraceOptions,
  type TraceResult,
} from '../../lib/index.js';

interface Completion {
  readonly text: string;
  readonly model: string;
  readonly usage: { readonly input: number };
}

const COMPLETION: Completion = { text: '', model: 'm', usage: { input: 1 } };

@Trace({ asType: 'tool' })
@Injectable()
class Assistant {
  @Trace({
    asType: 'generation',
    name: (question, times) => {
      expectTypeOf(question).toEqualTypeOf<string>();
      expectTypeOf(times).toEqualTypeOf<number>();
      return question;
    },
    captureInput: (question: string) => ({ question }),
    metadata: (_question, times) => ({ times: times.toFixed() }),
    captureOutput: ({ text }) => text,
    onResult: ({ model, usage }, generation) => {
      expectTypeOf(model).toEqualTypeOf<string>();
      expectTypeOf(generation).toEqualTypeOf<
        LangfuseObservation<'generation'>
      >();
      return { model, usageDetails: usage };
    },
  })
  async answer(question: string, times: number): Promise<Completion> {
    return { ...COMPLETION, text: question.repeat(times) };
  }

  @Trace({
    reduce: (chunks) => {
      expectTypeOf(chunks).toEqualTypeOf<Completion[]>();
      return chunks.length;
    },
    captureOutput: (count) => {
      expectTypeOf(count).toEqualTypeOf<number>();
      return count;
    },
    onResult: (count, span) => {
      expectTypeOf(count).toEqualTypeOf<number>();
      expectTypeOf(span).toEqualTypeOf<LangfuseObservation<'span'>>();
    },
  })
  async *stream(): AsyncGenerator<Completion> {
    yield COMPLETION;
  }

  @Trace({ captureOutput: (text) => text.toUpperCase() })
  *words(): Generator<string> {
    yield 'word';
  }

  @Trace({
    captureInput: (first, second, rest) => {
      expectTypeOf(first).toEqualTypeOf<string | undefined>();
      expectTypeOf(second).toEqualTypeOf<number>();
      expectTypeOf(rest).toEqualTypeOf<boolean>();
    },
  })
  parameters(
    _first: string | undefined,
    _second: number,
    ..._rest: boolean[]
  ): void {}

  /** What is not a function fits every method. */
  @Trace({
    name: 'static',
    asType: 'embedding',
    captureInput: false,
    captureOutput: false,
    level: 'DEBUG',
    metadata: { of: 'the method' },
    version: '2',
  })
  anything(_some: symbol): bigint {
    return 1n;
  }

  @Trace('named')
  named(): void {}

  @Trace()
  plain(): void {}
}

/** Each is one mistake; the compiler has to see it. */
class Mistakes {
  // @ts-expect-error -- the method takes a string
  @Trace({ captureInput: (question: number) => question })
  inputOfAnotherType(question: string): string {
    return question;
  }

  // @ts-expect-error -- the method takes no second argument
  @Trace({ name: (_first: string, second: string) => second })
  argumentThatIsNotThere(first: string): string {
    return first;
  }

  @Trace({ onResult: ({ model }) => ({ metadata: { model } }) })
  resultOfThatShape(): { model: string } {
    return { model: '' };
  }

  // @ts-expect-error -- the result has no model
  @Trace({ onResult: ({ model }) => ({ metadata: { model } }) })
  resultOfAnotherShape(): { text: string } {
    return { text: '' };
  }

  // @ts-expect-error -- the result is the resolved value, not the promise
  @Trace({ captureOutput: (promise: Promise<string>) => promise })
  resultBeforeItIsThere(): Promise<string> {
    return Promise.resolve('');
  }

  // @ts-expect-error -- the result of a stream is all of its chunks
  @Trace({ captureOutput: (chunk: number) => chunk })
  *chunkInPlaceOfTheResult(): Generator<number> {
    yield 1;
  }

  // @ts-expect-error -- chunks are numbers
  @Trace({ reduce: (chunks: string[]) => chunks.join('') })
  *chunksOfAnotherType(): Generator<number> {
    yield 1;
  }

  @Trace({
    reduce: (chunks) => chunks.length,
    // @ts-expect-error -- the result is what reduce makes
    captureOutput: (text: string) => text,
  })
  *resultBeforeReduce(): Generator<string> {
    yield '';
  }

  // @ts-expect-error -- a span has no model
  @Trace({ onResult: (text) => ({ model: text }) })
  attributesOfAnotherType(): string {
    return '';
  }

  // @ts-expect-error -- the name is text
  @Trace({ name: (question) => question.length })
  nameThatIsNone(question: string): string {
    return question;
  }

  // @ts-expect-error -- metadata is an object
  @Trace({ metadata: (question) => question })
  metadataThatIsNone(question: string): string {
    return question;
  }

  // @ts-expect-error -- no such type
  @Trace({ asType: 'thing' })
  noSuchType(): void {}

  // @ts-expect-error -- no such level
  @Trace({ level: 'FATAL' })
  noSuchLevel(): void {}

  // @ts-expect-error -- no such option
  @Trace({ captureInputs: true })
  noSuchOption(): void {}
}

/** Refused when the class is defined, too, and so never called. */
function misplaced(): void {
  class NotAMethod {
    // @ts-expect-error -- a property is no method
    @Trace({ captureInput: (question: string) => question })
    property = '';

    // @ts-expect-error -- nor is an accessor
    @Trace({ captureOutput: (text: string) => text })
    get accessor(): string {
      return this.property;
    }
  }
  expectTypeOf(new NotAMethod().property).toEqualTypeOf<string>();
}

describe('the types of @Trace()', () => {
  it('leave the method what it is', () => {
    const assistant = new Assistant();
    expectTypeOf(assistant.answer).toEqualTypeOf<
      (question: string, times: number) => Promise<Completion>
    >();
    expectTypeOf(assistant.stream).returns.toEqualTypeOf<
      AsyncGenerator<Completion>
    >();
    expectTypeOf<typeof Mistakes>().toBeConstructibleWith();
    expectTypeOf(misplaced).returns.toBeVoid();
  });

  it('know a result of each kind', () => {
    expectTypeOf<TraceResult<number>>().toEqualTypeOf<number>();
    expectTypeOf<TraceResult<void>>().toEqualTypeOf<void>();
    expectTypeOf<TraceResult<Promise<number>>>().toEqualTypeOf<number>();
    expectTypeOf<TraceResult<Promise<number> | string>>().toEqualTypeOf<
      number | string
    >();
    // Iterable, but no iterator: they are values.
    expectTypeOf<TraceResult<'text'>>().toEqualTypeOf<'text'>();
    expectTypeOf<TraceResult<number[]>>().toEqualTypeOf<number[]>();
    expectTypeOf<TraceResult<Map<string, Date>>>().toEqualTypeOf<
      Map<string, Date>
    >();
  });

  it('know the result of a stream of each kind', () => {
    expectTypeOf<TraceResult<Observable<string>>>().toEqualTypeOf<string>();
    expectTypeOf<TraceResult<Observable<Date>>>().toEqualTypeOf<
      readonly Date[]
    >();
    expectTypeOf<TraceResult<AsyncGenerator<Date>>>().toEqualTypeOf<
      readonly Date[]
    >();
    expectTypeOf<
      TraceResult<Promise<AsyncIterable<'a'>>>
    >().toEqualTypeOf<string>();
    expectTypeOf<TraceResult<AsyncIterator<Date>>>().toEqualTypeOf<
      readonly Date[]
    >();
    expectTypeOf<TraceResult<Generator<number>>>().toEqualTypeOf<
      readonly number[]
    >();
    expectTypeOf<TraceResult<Iterator<number>>>().toEqualTypeOf<
      readonly number[]
    >();
    expectTypeOf<TraceResult<ReadableStream<Date>>>().toEqualTypeOf<
      readonly Date[]
    >();
    type OfBytes = string | { readonly bytes: number };
    expectTypeOf<
      TraceResult<ReadableStream<Uint8Array>>
    >().toEqualTypeOf<OfBytes>();
    expectTypeOf<TraceResult<Observable<Buffer>>>().toEqualTypeOf<OfBytes>();
    // Node's streams do not tell what they are made of.
    expectTypeOf<TraceResult<Readable>>().not.toBeAny();
    expectTypeOf<TraceResult<Readable>>().toExtend<
      OfBytes | readonly unknown[]
    >();
    expectTypeOf<OfBytes>().toExtend<TraceResult<Readable>>();
  });

  it('know the chunks of a stream', () => {
    expectTypeOf<ChunkOf<string>>().toEqualTypeOf<never>();
    expectTypeOf<ChunkOf<number[]>>().toEqualTypeOf<never>();
    expectTypeOf<ChunkOf<Promise<Observable<Date>>>>().toEqualTypeOf<Date>();
    expectTypeOf<ChunkOf<AsyncGenerator<number>>>().toEqualTypeOf<number>();
    expectTypeOf<ChunkOf<Generator<'a', Date>>>().toEqualTypeOf<'a'>();
  });

  it('let options be written apart from the method', () => {
    const options: TraceOptions<[string], Promise<Completion>, 'generation'> = {
      asType: 'generation',
      name: (question) => question,
      onResult: ({ model }) => ({ model }),
    };
    expectTypeOf(Trace(options)).toEqualTypeOf<
      TraceDecorator<[string], Promise<Completion>>
    >();
    expectTypeOf(
      options.onResult!,
    ).returns.toEqualTypeOf<GenerationAttributes | void>();
    type Span = TraceOptions<[], string, 'span'>;
    expectTypeOf<
      ReturnType<NonNullable<Span['onResult']>>
    >().toEqualTypeOf<ObservationAttributes | void>();
  });
});
