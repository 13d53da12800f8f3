/** What the function knows. */
import { Injectable } from '@nestjs/common';
import { Trace } from 'nestjs-langfuse';

const FACTS = [
  'Between two invocations AWS Lambda freezes the process: no timer fires and no request is answered.',
  'A process that has been idle for long enough is ended without a signal.',
  'The first invocation of a process is a cold start: it creates the application.',
];

@Injectable()
export class Facts {
  /** Those that have a word of the question, the most words first. */
  @Trace({ name: 'search', asType: 'retriever' })
  search(question: string): string[] {
    const words = question.toLowerCase().match(/\p{L}{4,}/gu) ?? [];
    const hits = (fact: string) =>
      words.filter((word) => fact.toLowerCase().includes(word)).length;
    return FACTS.filter((fact) => hits(fact) > 0).toSorted(
      (a, b) => hits(b) - hits(a),
    );
  }
}
