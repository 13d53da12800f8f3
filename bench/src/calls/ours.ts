import 'reflect-metadata';
import { Inject, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Trace } from '../../../dist/index.js';
import { closeApplication, langfuseModule } from '../contenders/ours.js';
import {
  Answers,
  type TracedAnswers,
  type TracedAnswersSettings,
} from './answers.js';

const ANSWERS = Symbol('answers');

@Injectable()
class CapturingAnswers extends Answers {
  constructor(@Inject(ANSWERS) answers: readonly unknown[]) {
    super(answers);
  }

  @Trace()
  override answer(question: unknown): Promise<unknown> {
    return super.answer(question);
  }
}

@Injectable()
class SilentAnswers extends Answers {
  constructor(@Inject(ANSWERS) answers: readonly unknown[]) {
    super(answers);
  }

  @Trace({ captureInput: false, captureOutput: false })
  override answer(question: unknown): Promise<unknown> {
    return super.answer(question);
  }
}

@Module({})
class AppModule {}

/** With `@Trace()` of this package, in a Nest application. */
export async function ourAnswers({
  url,
  answers,
  captures,
}: TracedAnswersSettings): Promise<TracedAnswers> {
  const provided: Type<Answers> = captures ? CapturingAnswers : SilentAnswers;
  const app = await NestFactory.createApplicationContext(
    {
      module: AppModule,
      imports: [langfuseModule({ url, compression: 'none' })],
      providers: [
        { provide: ANSWERS, useValue: answers },
        { provide: Answers, useClass: provided },
      ],
    },
    { logger: ['error', 'warn'] },
  );
  const service = app.get(Answers);
  return {
    answer: (question) => service.answer(question),
    close: () => closeApplication(app),
  };
}
