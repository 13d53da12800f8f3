/** Full-text search over the documents, in memory. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import MiniSearch from 'minisearch';
import { readDocuments } from './documents.js';
import { type Passage, passagesOf } from './passages.js';
import { searchTerm } from './search-term.js';

/** A passage that answers a question, perhaps. */
export interface FoundPassage extends Passage {
  /** BM25+: higher is better; comparable within one search only. */
  readonly score: number;
}

/** One word in common is chance: a passage must have this share of them. */
const MIN_SHARE_OF_TERMS = 1 / 3;

const tokenize = MiniSearch.getDefault('tokenize') as (
  text: string,
) => string[];

@Injectable()
export class DocumentIndex implements OnModuleInit {
  private readonly passages = new Map<string, Passage>();
  private readonly index = new MiniSearch<Passage>({
    fields: ['heading', 'text'],
    processTerm: searchTerm,
    searchOptions: { boost: { heading: 2 }, prefix: true },
  });

  /** Number of passages. */
  get size(): number {
    return this.passages.size;
  }

  async onModuleInit(): Promise<void> {
    for (const document of await readDocuments()) {
      for (const passage of passagesOf(document)) {
        this.passages.set(passage.id, passage);
        this.index.add(passage);
      }
    }
  }

  /** The best passages, best first; none when nothing fits. */
  search(question: string, limit: number): FoundPassage[] {
    const needed = termsOf(question).size * MIN_SHARE_OF_TERMS;
    return this.index
      .search(question)
      .filter(({ queryTerms }) => new Set(queryTerms).size >= needed)
      .slice(0, limit)
      .flatMap(({ id, score }) => {
        const passage = this.passages.get(String(id));
        return passage ? [{ ...passage, score }] : [];
      });
  }
}

function termsOf(question: string): Set<string> {
  const terms = tokenize(question).map(searchTerm);
  return new Set(terms.filter((term) => term !== null));
}
