/** A trace as a tree for the terminal. */
import type { LocalScore, LocalTrace } from './records.js';
import {
  folded,
  padded,
  printable,
  styled,
  textWidth,
  truncated,
} from './terminal-text.js';
import {
  nodeCells,
  scoreCells,
  traceDetails,
  type Text,
  type TreeCells,
} from './tree-cells.js';
import { treeRows } from './tree-rows.js';

/**
 * How a trace is drawn.
 *
 * @publicApi
 */
export interface RenderOptions {
  /** ANSI colours. @defaultValue false */
  readonly color?: boolean;
  /** Columns of the terminal; longer rows are wrapped. @defaultValue 100 */
  readonly width?: number;
}

interface Row extends TreeCells {
  readonly lead: string;
  readonly continuation: string;
}

interface ColumnWidths {
  readonly label: number;
  readonly type: number;
  readonly amount: number;
}

const DEFAULT_WIDTH = 100;
const MAX_LABEL_WIDTH = 40;
const MIN_NAME_WIDTH = 8;
const MIN_DETAILS_WIDTH = 24;
const MAX_DETAIL_LINES = 4;
const GAP = '  ';
const SEPARATOR = ' · ';

/**
 * Draws a trace: a line with its id, then each observation with type, duration,
 * level, model, tokens (in→out), cost and scores. Several lines, without a line
 * break at the end.
 *
 * @publicApi
 */
export function renderTrace(
  trace: LocalTrace,
  { color = false, width = DEFAULT_WIDTH }: RenderOptions = {},
): string {
  const rows = treeRows(trace).map(({ node, ...lines }, index): Row => {
    const cells = nodeCells(node);
    return index === 0
      ? {
          ...lines,
          ...cells,
          details: [...cells.details, ...traceDetails(trace)],
        }
      : { ...lines, ...cells };
  });
  const widest = (read: (row: Row) => string): number =>
    rows.reduce((most, row) => Math.max(most, textWidth(read(row))), 0);
  const widths: ColumnWidths = {
    label: Math.min(
      widest(({ lead, name }) => lead + name.text),
      MAX_LABEL_WIDTH,
    ),
    type: widest(({ type }) => type),
    amount: widest(({ amount }) => amount),
  };
  return [
    headline(trace, color),
    ...rows.flatMap((row) => rowLines(row, widths, { color, width })),
  ].join('\n');
}

/**
 * Draws a score on one line, with what it is about.
 *
 * @publicApi
 */
export function renderScore(
  score: LocalScore,
  { color = false }: RenderOptions = {},
): string {
  const { name, type, amount, details } = scoreCells(score);
  const subject = [
    ['observation', score.observationId],
    ['trace', score.traceId],
    ['session', score.sessionId],
    ['dataset run', score.datasetRunId],
  ].flatMap(([kind, id]) => (id ? [`${kind} ${printable(id)}`] : []));
  return [
    styled(name.text, name.style, color),
    styled(type, 'type', color),
    amount,
    ...details.map(({ text, style }) => styled(text, style, color)),
    styled(subject.join(' of '), 'faint', color),
  ].join(GAP);
}

function headline(trace: LocalTrace, color: boolean): string {
  const parts = [`trace ${printable(trace.id)}`];
  if (trace.name !== null && trace.name !== trace.root?.name) {
    parts.push(printable(trace.name));
  }
  if (trace.environment !== 'default') {
    parts.push(trace.environment);
  }
  return styled(parts.join(SEPARATOR), 'faint', color);
}

function rowLines(
  { lead, continuation, name, type, amount, details }: Row,
  widths: ColumnWidths,
  { color, width }: Required<RenderOptions>,
): string[] {
  const nameWidth = Math.max(
    widths.label - textWidth(lead),
    Math.min(textWidth(name.text), MIN_NAME_WIDTH),
  );
  const label = padded(truncated(name.text, nameWidth), nameWidth);
  const head = [
    styled(lead, 'faint', color) + styled(label, name.style, color),
    styled(padded(type, widths.type), 'type', color),
    ' '.repeat(widths.amount - textWidth(amount)) + amount,
    '',
  ].join(GAP);
  const start =
    textWidth(lead) + nameWidth + widths.type + widths.amount + 3 * GAP.length;
  const [first = [], ...others] = wrapped(
    details,
    Math.max(width - start, MIN_DETAILS_WIDTH),
  );
  const paint = (line: readonly Text[]): string =>
    line.map(({ text, style }) => styled(text, style, color)).join(SEPARATOR);
  return [
    (head + paint(first)).trimEnd(),
    ...others.map(
      (line) =>
        styled(padded(continuation, start), 'faint', color) + paint(line),
    ),
  ];
}

/** The details on as few lines as they need; a very long one is cut. */
function wrapped(details: readonly Text[], width: number): Text[][] {
  const lines: Text[][] = [];
  let left = 0;
  for (const { text, style } of details) {
    const parts = folded(text, width, MAX_DETAIL_LINES);
    const line = lines.at(-1);
    const needed = SEPARATOR.length + textWidth(parts[0] ?? '');
    if (line !== undefined && parts.length === 1 && needed <= left) {
      line.push({ text, style });
      left -= needed;
    } else {
      lines.push(...parts.map((part) => [{ text: part, style }]));
      left = width - textWidth(parts.at(-1) ?? '');
    }
  }
  return lines;
}
