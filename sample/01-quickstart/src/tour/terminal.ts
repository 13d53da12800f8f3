/** Writes to the terminal. */
import type { RenderOptions } from 'nestjs-langfuse/local';

const MAX_WIDTH = 100;

export function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Colours only on a terminal that was not told to go without. */
export function renderOptions(): RenderOptions {
  const { isTTY } = process.stdout;
  return { color: isTTY && !process.env['NO_COLOR'], width: width() };
}

/** Breaks a text into lines that fit, the first of them after `lead`. */
export function wrap(text: string, lead: string): string[] {
  const indent = ' '.repeat(lead.length);
  const lines: string[] = [];
  let line = lead;
  for (const word of text.split(/\s+/)) {
    const isFirst = line.length === indent.length;
    if (!isFirst && line.length + 1 + word.length > width()) {
      lines.push(line);
      line = indent + word;
    } else {
      line += isFirst ? word : ` ${word}`;
    }
  }
  return [...lines, line];
}

function width(): number {
  return Math.min(process.stdout.columns ?? MAX_WIDTH, MAX_WIDTH);
}
