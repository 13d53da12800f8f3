/** Finds what the documents say about a question and has it put into words. */
import { Injectable } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';
import { Answerer } from '../answerers/answerer.js';
import type { Passage } from '../documents/passages.js';
import { RetrieverService } from '../documents/retriever.service.js';

export interface Answer {
  readonly answer: string;
  /** Where the answer was taken from: file and heading, the best first. */
  readonly sources: readonly string[];
}

@Injectable()
export class AssistantService {
  constructor(
    private readonly retriever: RetrieverService,
    private readonly answerer: Answerer,
  ) {}

  @Trace()
  async answer(question: string): Promise<Answer> {
    const passages = this.retriever.search(question);
    // Without a source a model would make something up.
    if (passages.length === 0) {
      return { answer: 'The documents say nothing about this.', sources: [] };
    }
    return {
      answer: await this.answerer.answer({ question, passages }),
      sources: sourcesOf(passages),
    };
  }
}

function sourcesOf(passages: readonly Passage[]): string[] {
  const sources = passages.map(
    ({ source, heading }) => `${source} › ${heading}`,
  );
  return [...new Set(sources)];
}
