/** The server keeps the version of a prompt in 16 bits. */
const MAX_VERSION = 65_535;

/** What a prompt needs to be linked. */
export const PROMPT_RULE = `needs a name and a version from 0 to ${MAX_VERSION}`;

/**
 * A prompt of Langfuse, as the clients of Langfuse give it.
 *
 * @publicApi
 */
export interface PromptReference {
  /** As it is called in Langfuse. */
  readonly name: string;
  /** An integer from 0 to 65535. */
  readonly version: number;
  /** Whether it stands in for one that could not be fetched: it is not linked. */
  readonly isFallback?: boolean;
}

/** A prompt that the server can link, or what is none. */
export type PromptLink =
  | { readonly name: string; readonly version: number }
  | { readonly refused: unknown };

/** The prompt to link to; undefined for none. */
export function promptLink(value: unknown): PromptLink | undefined {
  if (value === undefined || value === null) return undefined;
  try {
    const { isFallback, name, version } = value as Record<string, unknown>;
    if (isFallback === true) return undefined;
    // The server links a prompt by name and version together, never by one.
    if (typeof name === 'string' && isVersion(version)) {
      return { name, version };
    }
  } catch {
    // A getter that throws is shown by the capture of the refused value.
  }
  return { refused: value };
}

/** Whether it stands in for a prompt, so that none is to be linked. */
export function isFallbackPrompt(value: unknown): boolean {
  return (value as Partial<PromptReference> | undefined)?.isFallback === true;
}

function isVersion(value: unknown): value is number {
  return (
    Number.isInteger(value) &&
    Number(value) >= 0 &&
    Number(value) <= MAX_VERSION
  );
}
