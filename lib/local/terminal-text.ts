/** Text for a terminal: its width, its colours, and nothing that could harm. */

/** What a text is; each has a colour. */
export type TextStyle =
  'faint' | 'strong' | 'type' | 'score' | 'warning' | 'error';

const SGR: Readonly<Record<TextStyle, string>> = {
  faint: '2',
  strong: '1',
  type: '36',
  score: '33',
  warning: '33',
  error: '31',
};

/** Controls, line breaks and switches of direction: names come from outside. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const DOUBLE_WIDTH =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\uff01-\uff60]$/u;

/** The text on one line, without anything that steers a terminal. */
export function printable(text: string): string {
  return text.replace(UNSAFE, ' ');
}

/** Columns that the text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
  }
  return width;
}

/** The text cut to `width` columns, with `…` where something is missing. */
export function truncated(text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text;
  }
  let cut = '';
  let left = width - 1;
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) {
      break;
    }
    cut += character;
  }
  return `${cut}…`;
}

/** The text over at most `maxLines` lines, broken between words. */
export function folded(
  text: string,
  width: number,
  maxLines: number,
): readonly string[] {
  const lines: string[] = [];
  let line = '';
  const words = text.split(' ');
  for (const [index, word] of words.entries()) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) <= width || line === '') {
      line = longer;
    } else if (lines.length + 1 === maxLines) {
      line = `${line} ${words.slice(index).join(' ')}`;
      break;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].map((part) => truncated(part, width));
}

/** Spaces behind the text, up to `width` columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** The text in its colour; as it is when colours are off. */
export function styled(
  text: string,
  style: TextStyle | undefined,
  color: boolean,
): string {
  return color && style !== undefined && text.trim() !== ''
    ? `\u001B[${SGR[style]}m${text}\u001B[0m`
    : text;
}

function characterWidth(character: string): number {
  if (character < '\u0300') {
    return 1;
  }
  if (ZERO_WIDTH.test(character)) {
    return 0;
  }
  return DOUBLE_WIDTH.test(character) ? 2 : 1;
}
