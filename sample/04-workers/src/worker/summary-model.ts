/**
 * Stands where a model would: it keeps the first sentence, and says that it is
 * no model. As hosted ones are at times, it is overloaded by a longer text, when
 * it sees it for the first time.
 */
import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';

const LATENCY_MS = 100;
const LONG = 200;

@Injectable()
export class SummaryModel {
  private readonly seen = new Set<string>();

  @Trace({
    name: 'write summary',
    asType: 'generation',
    onResult: () => ({ model: 'first sentence (no LLM)' }),
  })
  async summarise(text: string): Promise<string> {
    await setTimeout(LATENCY_MS);
    if (text.length > LONG && !this.seen.has(text)) {
      this.seen.add(text);
      throw new Error('429: the model is overloaded, try again');
    }
    return /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
  }
}
