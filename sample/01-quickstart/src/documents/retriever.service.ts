/** The retrieval step of the assistant. */
import { Injectable } from '@nestjs/common';
import { LangfuseService, Trace } from 'nestjs-langfuse';
import { DocumentIndex, type FoundPassage } from './document-index.js';

const MAX_PASSAGES = 4;

@Injectable()
export class RetrieverService {
  constructor(
    private readonly documents: DocumentIndex,
    private readonly langfuse: LangfuseService,
  ) {}

  /** Arguments and result are recorded as input and output. */
  @Trace({ name: 'search documents', asType: 'retriever' })
  search(question: string): FoundPassage[] {
    const passages = this.documents.search(question, MAX_PASSAGES);
    this.langfuse.updateActiveObservation({
      metadata: { passagesInIndex: this.documents.size },
      ...(passages.length === 0 && {
        level: 'WARNING',
        statusMessage: 'no passage matches the question',
      }),
    });
    return passages;
  }
}
