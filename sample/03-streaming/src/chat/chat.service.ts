/** The conversation. */
import { Injectable } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';
import { WordModel } from './word-model.js';

@Injectable()
export class ChatService {
  constructor(private readonly model: WordModel) {}

  /** Open until the last chunk is read, or until the reader leaves. */
  @Trace()
  async *answer(question: string): AsyncGenerator<string> {
    yield* this.model.stream(question.trim());
  }
}
