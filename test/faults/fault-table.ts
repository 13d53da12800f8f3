/** The rows' results as one table for a person to read. */
import type { RowResult } from './row.js';

const HEADINGS = [
  'row',
  'fault',
  'recorded',
  'delivered',
  'dup.',
  'dropped',
  'requests',
  'tries',
  'time',
  'result',
];

/** One line for each row, below its headings. */
export function faultTable(results: readonly RowResult[]): string {
  const lines = [HEADINGS, ...results.map(cells)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  text.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return `${text.join('\n')}\n`;
}

function cells(result: RowResult): string[] {
  const dropped = Object.entries(result.dropped)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
  return [
    result.row.id,
    result.row.fault,
    `${result.recorded}`,
    `${result.delivered}`,
    `${result.duplicates}`,
    dropped || '–',
    `${result.requests}`,
    `${result.tries}`,
    `${result.seconds.toFixed(1)} s`,
    result.failures.length === 0 ? 'ok' : `FAIL: ${why(result)}`,
  ];
}

/** On one line; the test's own message has all of it. */
function why({ failures }: RowResult): string {
  const text = failures.join('; ').replace(/\s+/g, ' ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
