import { observe } from '@langfuse/tracing';
import { registerOfficial } from '../contenders/official.js';
import {
  Answers,
  type TracedAnswers,
  type TracedAnswersSettings,
} from './answers.js';

/** With `observe()` of `@langfuse/tracing`. */
export async function officialAnswers({
  url,
  answers,
  captures,
}: TracedAnswersSettings): Promise<TracedAnswers> {
  const provider = registerOfficial({
    url,
    compression: 'none',
    hasLargeQueue: true,
  });
  const service = new Answers(answers);
  const answer = observe((question: unknown) => service.answer(question), {
    name: 'Answers.answer',
    captureInput: captures,
    captureOutput: captures,
  });
  return { answer, close: () => provider.shutdown() };
}
