// The texts that stand where a value cannot be shown as it is.

/** Longest piece of foreign text (a message, a name, a path) inside a mark. */
const MAX_QUOTE = 200;

const MAX_BIGINT_BITS = 4_096;
const MAX_BIGINT = 2n ** BigInt(MAX_BIGINT_BITS);

/**
 * A text that stands for a value and counts as a mark. Stand-ins return it, so
 * that a mark and an equal string of the application stay apart.
 */
export class Mark {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text of a mark, `undefined` for anything else; no Proxy trap runs. */
  static textOf(value: object): string | undefined {
    return #text in value ? value.#text : undefined;
  }
}

/** `[Circular ~.messages.0]`: the path from the root (`~`) to the ancestor. */
export function circularMark(path: readonly (string | number)[]): string {
  const steps = path.map((key) => `.${quote(String(key))}`).join('');
  return `[Circular ~${quote(steps)}]`;
}

/** `[Threw: message]`: a getter, `toJSON` or Proxy trap threw. */
export function threwMark(error: unknown): string {
  return `[Threw: ${quote(messageOf(error))}]`;
}

/** `10n`; the decimal digits of a huge one would take seconds to find. */
export function bigintMark(value: bigint): string {
  return value < MAX_BIGINT && value > -MAX_BIGINT
    ? `${value}n`
    : truncatedMark(`bigint of more than ${MAX_BIGINT_BITS} bits`);
}

/** `[Function name]` or `[Class Name]`. */
export function functionMark(value: object): string {
  const source = Function.prototype.toString.call(value);
  const kind = /^class[\s{]/.test(source) ? 'Class' : 'Function';
  return `[${kind} ${nameOf(value) ?? 'anonymous'}]`;
}

/** `[Truncated: 10000 nodes]`, with the limit that was reached. */
export function truncatedMark(limit: string): string {
  return `[Truncated: ${limit}]`;
}

/** The name of the class of an object, `Object` when it has none. */
export function classNameOf(value: object): string {
  const { constructor } = value as { constructor?: unknown };
  return (typeof constructor === 'function' && nameOf(constructor)) || 'Object';
}

function nameOf(value: object): string | undefined {
  try {
    const { name } = value as { name?: unknown };
    return typeof name === 'string' && name !== '' ? quote(name) : undefined;
  } catch {
    return undefined;
  }
}

// Whatever was thrown may itself throw when it is read.
function messageOf(error: unknown): string {
  try {
    const isObject = typeof error === 'object' && error !== null;
    if (!isObject && typeof error !== 'function') return String(error);
    const { message } = error as { message?: unknown };
    return typeof message === 'string' ? message : classNameOf(error);
  } catch {
    return 'an unreadable error';
  }
}

function quote(text: string): string {
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text;
}
