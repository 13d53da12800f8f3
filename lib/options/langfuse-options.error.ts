/** The error that names every bad option at once. */

/**
 * One reason why options were refused.
 *
 * @publicApi
 */
export interface OptionProblem {
  /** The option as it was given, also if there is no option of that name. */
  readonly option: string;
  /** The variable that the value came from. */
  readonly env?: string;
  /** The value and the fix, in one sentence. Never a secret. */
  readonly message: string;
}

/**
 * Options were refused. The message has one line for each problem.
 *
 * @publicApi
 */
export class LangfuseOptionsError extends Error {
  /** To tell it by where there may be two copies of the package. */
  override readonly name = 'LangfuseOptionsError';

  constructor(
    /** What is wrong, in the order of the message's lines. */
    readonly problems: readonly [OptionProblem, ...OptionProblem[]],
  ) {
    super(
      [`LangfuseModule: ${summary(problems)}:`, ...problems.map(line)].join(
        '\n  ',
      ),
    );
  }
}

function summary(problems: readonly OptionProblem[]): string {
  const count = new Set(problems.map(({ option }) => option)).size;
  return count === 1 ? '1 option is invalid' : `${count} options are invalid`;
}

function line({ option, env, message }: OptionProblem): string {
  return `${option}${env === undefined ? '' : ` (${env})`}: ${message}`;
}
