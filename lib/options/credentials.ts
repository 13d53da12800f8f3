/** The option `credentials`: keys that change while the application runs. */
import { describeType } from './describe-value.js';
import { callback } from './option-kinds.js';
import type { OptionRow } from './option-row.js';

/**
 * The keys of a Langfuse project.
 *
 * @publicApi
 */
export interface LangfuseCredentials {
  /** `pk-lf-…` */
  readonly publicKey: string;
  /** `sk-lf-…` */
  readonly secretKey: string;
}

/**
 * Gives the keys that are valid now. It may be asynchronous, and should not
 * fail: while it does, the keys that it gave before stay in use.
 *
 * @publicApi
 */
export type CredentialsProvider = () =>
  LangfuseCredentials | PromiseLike<LangfuseCredentials>;

/** The keys, or in a few words why there are none. */
export type CredentialsReading =
  | ({ readonly ok: true } & LangfuseCredentials)
  | { readonly ok: false; readonly problem: string };

/** A function of the application. */
export function credentials(): OptionRow<CredentialsProvider, undefined> {
  return callback<CredentialsProvider>({
    expects: 'a function that returns publicKey and secretKey',
    example: () => ({ publicKey: 'pk-lf-***', secretKey: 'sk-lf-***' }),
    fix: 'pass e.g. () => ({ publicKey, secretKey })',
  });
}

/**
 * Asks the application for its keys. What it throws is named by its class
 * alone: the message of a failed parser may hold the secret that it read.
 */
export async function readCredentials(
  provider: CredentialsProvider,
): Promise<CredentialsReading> {
  try {
    const given: unknown = await provider();
    if (typeof given !== 'object' || given === null) {
      return problem(`it returned ${describeType(given)}`);
    }
    const { publicKey, secretKey } = given as Partial<LangfuseCredentials>;
    if (!isKey(publicKey) || publicKey.includes(':')) {
      return problem(`the publicKey it returned is no key`);
    }
    if (!isKey(secretKey)) {
      return problem(`the secretKey it returned is no key`);
    }
    return { ok: true, publicKey, secretKey };
  } catch (error) {
    return problem(
      `it threw ${error instanceof Error ? error.name : describeType(error)}`,
    );
  }
}

function problem(says: string): CredentialsReading {
  return { ok: false, problem: `the option credentials: ${says}` };
}

/** What HTTP's Basic authentication can carry. */
function isKey(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]+$/.test(value);
}
