/** Stands where a model would: it repeats the best fact, and says so. */
import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';

const LATENCY_MS = 50;

@Injectable()
export class AnswerModel {
  @Trace({
    name: 'answer',
    asType: 'generation',
    onResult: () => ({ model: 'best fact (no LLM)' }),
  })
  async answer(question: string, facts: readonly string[]): Promise<string> {
    await setTimeout(LATENCY_MS);
    return facts[0] ?? `I know nothing about this: ${question}`;
  }
}
