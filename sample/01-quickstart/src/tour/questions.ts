/** What the tour asks. */
export interface Question {
  readonly text: string;
  readonly user?: string;
  /** What the user thinks of the answer; a score of the trace. */
  readonly feedback?: { readonly value: number; readonly comment: string };
}

/** The second goes on in the session of the first, as each user has one. */
export const QUESTIONS: readonly Question[] = [
  { user: 'alice', text: 'How do I trace a method?' },
  {
    user: 'alice',
    text: 'And what happens to my data when the server does not answer?',
  },
  {
    user: 'bob',
    text: 'When is a batch sent?',
    feedback: { value: 1, comment: 'That is what I wanted to know.' },
  },
  { text: 'Is there a recipe for sourdough bread?' },
];
