import { FULLY_MASKED, type MaskFunction } from './mask-function.js';

/** A text on its way through the mask: fully masked until it is through. */
export interface MaskSlot {
  readonly text: string;
}

/** How the masking of one record went. */
export interface MaskOutcome {
  /** Texts that are masked fully, since the mask failed. */
  readonly failures: number;
  /** What was wrong with one of them; holds nothing of the data. */
  readonly problem: string | undefined;
}

type OpenSlot = { -readonly [Key in keyof MaskSlot]: MaskSlot[Key] };

/**
 * The texts of one record, or of another unit that is sent together, on their
 * way through the mask. Every text is fully masked from the start, and replaced
 * by what the mask returns, so that nothing unmasked can be left anywhere.
 */
export class Masking {
  private readonly waiting: Promise<void>[] = [];
  private failures = 0;
  private problem: string | undefined;
  private unanswered = 0;
  private open = true;

  /** @param fit shortens what is too long to be sent */
  constructor(
    private readonly mask: MaskFunction,
    private readonly fit: (text: string) => string,
  ) {}

  /** Whether answers still count. */
  get isOpen(): boolean {
    return this.open;
  }

  /** Whether some answers of the mask are still out. */
  get isPending(): boolean {
    return this.unanswered > 0;
  }

  /** Resolves when all answers are there. Never rejects. */
  async answered(): Promise<void> {
    await Promise.all(this.waiting);
  }

  text(data: string, attribute: string): MaskSlot {
    const slot: OpenSlot = { text: FULLY_MASKED };
    if (data === '') {
      slot.text = data;
      return slot;
    }
    try {
      const answer = this.mask({ data, attribute });
      if (isThenable(answer)) this.await(answer, slot, data);
      else this.take(answer, slot, data);
    } catch (error) {
      this.fail(`it threw ${nameOf(error)}`);
    }
    return slot;
  }

  /** Nothing is awaited any more; what is not answered stays fully masked. */
  close(): MaskOutcome {
    this.open = false;
    if (this.unanswered > 0) {
      this.failures += this.unanswered;
      this.problem ??= 'it did not answer in time';
    }
    const { failures, problem } = this;
    return { failures, problem };
  }

  private await(
    answer: PromiseLike<unknown>,
    slot: OpenSlot,
    data: string,
  ): void {
    this.unanswered += 1;
    const end = (settle: () => void) => {
      this.unanswered -= 1;
      settle();
    };
    this.waiting.push(
      Promise.resolve(answer).then(
        (value) => end(() => this.take(value, slot, data)),
        (error) => end(() => this.fail(`it rejected with ${nameOf(error)}`)),
      ),
    );
  }

  private take(answer: unknown, slot: OpenSlot, data: string): void {
    const text = textOf(answer);
    if (text === undefined) {
      this.fail(
        `it returned ${answer === null ? 'null' : `a ${typeof answer}`}`,
      );
    } else {
      slot.text = text === data ? data : this.fit(text);
    }
  }

  private fail(problem: string): void {
    this.failures += 1;
    this.problem ??= problem;
  }
}

/** JSON text of what is no string; undefined for what has none. */
function textOf(answer: unknown): string | undefined {
  if (typeof answer === 'string') return answer;
  if (answer === null) return undefined;
  try {
    return JSON.stringify(answer);
  } catch {
    return undefined;
  }
}

/** The class alone: the message of an error may quote the data. */
function nameOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `a ${typeof error}`;
    const { name } = error.constructor;
    return /^\w{1,60}$/.test(name) ? name : 'an error';
  } catch {
    return 'an error';
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
