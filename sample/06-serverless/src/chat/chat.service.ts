/** Answers questions. */
import { Injectable } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';
import { AnswerModel } from './answer-model.js';
import { Facts } from './facts.js';

@Injectable()
export class ChatService {
  constructor(
    private readonly facts: Facts,
    private readonly model: AnswerModel,
  ) {}

  @Trace()
  answer(question: string): Promise<string> {
    return this.model.answer(question, this.facts.search(question));
  }
}
