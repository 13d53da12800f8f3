const MARK = '[redacted card number]';

const MIN_DIGITS = 13;
const MAX_DIGITS = 19;

/** How the numbers of the payment networks begin. */
const NETWORK = /^(?:4|5|6|3[0-9]|2[2-7])/;

/** The digits of JSON's `\u0001` are none of the text. */
const ESCAPE_OR_DIGITS = /\\u[0-9a-fA-F]{4}|\\\D|\d+/g;

/** A fraction: many of its digits look like anything. */
const AFTER_DECIMAL_POINT = /\d\.$/;

const REST_OF_NUMBER = /(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Digits that stand together. */
interface Group {
  readonly start: number;
  readonly end: number;
}

/**
 * Replaces the numbers of payment cards: groups of digits with at most one
 * space or hyphen between them, of which some together have the right length,
 * beginning and check digit. Digits within a longer group are no card. In JSON
 * text a bare number becomes a string.
 */
export function redactCardNumbers(text: string): string {
  const groups = groupsOf(text);
  const quotes = new Quotes(text);
  let redacted = '';
  let done = 0;
  for (let i = 0; i < groups.length;) {
    const count = groupsOfCard(text, groups, i);
    if (count > 0) {
      const { start } = groups[i]!;
      const { end } = groups[i + count - 1]!;
      const isBare = quotes.isBareNumber(start);
      const from = isBare && text[start - 1] === '-' ? start - 1 : start;
      redacted += text.slice(done, from) + (isBare ? `"${MARK}"` : MARK);
      done = isBare ? end + restOfNumber(text, end) : end;
    }
    i += Math.max(1, count);
  }
  return done === 0 ? text : redacted + text.slice(done);
}

function groupsOf(text: string): readonly Group[] {
  const groups: Group[] = [];
  for (const { index, 0: digits } of text.matchAll(ESCAPE_OR_DIGITS)) {
    if (digits.startsWith('\\')) continue;
    if (AFTER_DECIMAL_POINT.test(text.slice(Math.max(0, index - 2), index))) {
      continue;
    }
    groups.push({ start: index, end: index + digits.length });
  }
  return groups;
}

/** How many groups from `first` on are a card number together; 0 for none. */
function groupsOfCard(
  text: string,
  groups: readonly Group[],
  first: number,
): number {
  let digits = '';
  let found = 0;
  for (let i = first; i < groups.length; i++) {
    const { start, end } = groups[i]!;
    if (i > first && !isSeparated(text, groups[i - 1]!.end, start)) break;
    if (digits.length + end - start > MAX_DIGITS) break;
    digits += text.slice(start, end);
    if (isCardNumber(digits)) found = i - first + 1;
  }
  return found;
}

/** Length of the fraction and the exponent of a JSON number. */
function restOfNumber(text: string, end: number): number {
  REST_OF_NUMBER.lastIndex = end;
  return REST_OF_NUMBER.exec(text)?.[0].length ?? 0;
}

/** Tells numbers from strings in JSON text, from the left to the right. */
class Quotes {
  private readonly isJson: boolean;
  private position = 0;
  private isInString = false;

  constructor(private readonly text: string) {
    this.isJson = /^\s*[[{]/.test(text);
  }

  /** @param at not before that of an earlier call */
  isBareNumber(at: number): boolean {
    if (!this.isJson) return false;
    for (; this.position < at; this.position++) {
      const character = this.text[this.position];
      if (character === '\\') this.position += 1;
      else if (character === '"') this.isInString = !this.isInString;
    }
    return !this.isInString;
  }
}

function isSeparated(text: string, end: number, start: number): boolean {
  const separator = text.slice(end, start);
  return separator === ' ' || separator === '-';
}

function isCardNumber(digits: string): boolean {
  return (
    digits.length >= MIN_DIGITS && NETWORK.test(digits) && hasCheckDigit(digits)
  );
}

/**
 * Luhn's algorithm.
 *
 * @see https://www.iso.org/standard/70484.html
 */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const weighed = i % 2 === 0 ? digit : 2 * digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}
