/** Stands where a model would: it knows a few texts, and says them slowly. */
import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';
import { TEXTS, UNKNOWN } from './texts.js';

const MS_BEFORE_FIRST_WORD = 300;
const MS_PER_WORD = 35;

@Injectable()
export class WordModel {
  /**
   * The words together are the output; when the first one came is recorded as
   * the time to the first token. A reader who leaves ends the loop: with a real
   * model, a `finally` around it aborts the request. Tokens and cost are what
   * `onResult` returns, and it is called then, too.
   */
  @Trace({
    name: 'say',
    asType: 'generation',
    onResult: () => ({ model: 'prepared texts (no LLM)' }),
  })
  async *stream(question: string): AsyncGenerator<string> {
    await setTimeout(MS_BEFORE_FIRST_WORD);
    for (const word of textFor(question).split(/(?<= )/)) {
      yield word;
      await setTimeout(MS_PER_WORD);
    }
  }
}

function textFor(question: string): string {
  const words = question.toLowerCase();
  return TEXTS.find(({ about }) => words.includes(about))?.text ?? UNKNOWN;
}
