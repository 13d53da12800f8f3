/** What the compiler knows of the functions in the options of `@Trace()`. */
import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type ChunkOf,
  type LangfuseObservation,
  Trace,
  type TraceResult,
} from '../../lib/index.js';

interface Completion {
  readonly text: string;
  readonly model: string;
  readonly usage: { readonly input: number };
}

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
    return { text: question.repeat(times), model: 'm', usage: { input: 1 } };
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
  })
  async *stream(): AsyncGenerator<Completion> {
    yield { text: '', model: 'm', usage: { input: 1 } };
  }

  @Trace({ captureOutput: (text) => text.toUpperCase() })
  *words(): Generator<string> {
    yield 'word';
  }

  // @ts-expect-error -- the method takes a string
  @Trace({ captureInput: (question: number) => question })
  wrong(question: string): string {
    return question;
  }

  // @ts-expect-error -- the result has no model
  @Trace({ onResult: ({ model }) => ({ metadata: { model } }) })
  wrongResult(): { text: string } {
    return { text: '' };
  }

  // @ts-expect-error -- a span has no model
  @Trace({ onResult: (text) => ({ model: text }) })
  wrongAttributes(): string {
    return '';
  }

  // @ts-expect-error -- no such type
  @Trace({ asType: 'thing' })
  wrongType(): void {}
}

describe('the types of @Trace()', () => {
  it('are those of the method', () => {
    expectTypeOf(new Assistant().answer).returns.toEqualTypeOf<
      Promise<Completion>
    >();
    expectTypeOf<TraceResult<Promise<number>>>().toEqualTypeOf<number>();
    expectTypeOf<TraceResult<Observable<string>>>().toEqualTypeOf<string>();
    expectTypeOf<
      TraceResult<Promise<AsyncIterable<'a'>>>
    >().toEqualTypeOf<string>();
    expectTypeOf<TraceResult<Generator<number>>>().toEqualTypeOf<
      readonly number[]
    >();
    expectTypeOf<ChunkOf<string>>().toEqualTypeOf<never>();
    expectTypeOf<ChunkOf<Promise<Observable<Date>>>>().toEqualTypeOf<Date>();
  });
});
