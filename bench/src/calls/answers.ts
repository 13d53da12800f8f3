/** The asynchronous function that is traced: it knows the answers already. */
export class Answers {
  private calls = 0;
  private readonly ready = Promise.resolve();

  constructor(private readonly answers: readonly unknown[]) {}

  async answer(_question: unknown): Promise<unknown> {
    await this.ready;
    return this.answers[this.calls++ % this.answers.length];
  }
}

/** One way to call it. */
export interface TracedAnswers {
  answer(question: unknown): Promise<unknown>;
  /** Resolves when all that was recorded is sent. */
  close(): Promise<void>;
}

/** What makes a way to call it. */
export interface TracedAnswersSettings {
  readonly url: string;
  readonly answers: readonly unknown[];
  /** Whether arguments and result are recorded. */
  readonly captures: boolean;
}
