/** Answers without a model: with the sentences that fit the question best. */
import { Injectable } from '@nestjs/common';
import MiniSearch from 'minisearch';
import { LangfuseService, Trace } from 'nestjs-langfuse';
import { searchTerm } from '../documents/search-term.js';
import { Answerer, type AnswerRequest } from './answerer.js';
import { sentencesOf } from './sentences.js';

const MAX_SENTENCES = 3;
/** A sentence that fits much worse than the best one leads astray. */
const MIN_SHARE_OF_BEST = 0.4;

@Injectable()
export class ExtractiveAnswerer extends Answerer {
  override readonly description =
    'the best sentences of the documents; set OPENAI_API_KEY for a model';

  constructor(private readonly langfuse: LangfuseService) {
    super();
  }

  /**
   * It stands where a model's answer would, so it is a generation. It used no
   * tokens and cost nothing that could be told, so neither is recorded.
   */
  @Trace({ name: 'answer', asType: 'generation' })
  override async answer({
    question,
    passages,
  }: AnswerRequest): Promise<string> {
    this.langfuse.updateActiveObservation({
      model: 'extractive (no LLM)',
      metadata: { method: 'quotes the sentences that match the question best' },
    });
    const sentences = bestSentences(
      question,
      passages.flatMap(({ text }) => sentencesOf(text)),
    );
    return sentences.length > 0
      ? sentences.map((sentence) => `- ${sentence}`).join('\n')
      : 'No sentence answers this, but the sources may.';
  }
}

/** The best sentences, in the order in which they stand. */
function bestSentences(
  question: string,
  sentences: readonly string[],
): readonly string[] {
  const index = new MiniSearch<{ id: number; text: string }>({
    fields: ['text'],
    processTerm: searchTerm,
    searchOptions: { prefix: true },
  });
  index.addAll(sentences.map((text, id) => ({ id, text })));
  const found = index.search(question).slice(0, MAX_SENTENCES);
  const minScore = (found[0]?.score ?? 0) * MIN_SHARE_OF_BEST;
  const best = new Set(
    found.filter(({ score }) => score >= minScore).map(({ id }): unknown => id),
  );
  return sentences.filter((_, id) => best.has(id));
}
