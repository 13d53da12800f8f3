/** The sentences of a Markdown text, as plain text. */
import {
  type MarkdownBlock,
  markdownBlocks,
} from '../documents/markdown-blocks.js';

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'sentence' });

/** A shorter one is a label, a longer one an enumeration. */
const MIN_LENGTH = 25;
const MAX_LENGTH = 320;

/** Code has none; the row of a table is read as one. */
export function sentencesOf(markdown: string): string[] {
  return [...markdownBlocks(markdown)]
    .flatMap(sentencesOfBlock)
    .map(plainText)
    .filter(({ length }) => length >= MIN_LENGTH && length <= MAX_LENGTH);
}

function sentencesOfBlock({ kind, text }: MarkdownBlock): string[] {
  if (kind === 'table') return text.split('\n').slice(2).map(rowText);
  if (kind !== 'prose') return [];
  return text
    .split(/\n(?=\s*(?:[-*+]|\d+\.)\s)/)
    .map((item) => item.replace(/^\s*(?:[-*+]|\d+\.)\s+/, ''))
    .flatMap((item) => [...SEGMENTER.segment(item.replace(/\s+/g, ' '))])
    .map(({ segment }) => segment);
}

/** `| flushAt | records in a batch |` becomes "flushAt: records in a batch". */
function rowText(row: string): string {
  const cells = row.split('|').map((cell) => cell.trim());
  return cells.filter(Boolean).join(': ');
}

/** Code spans keep their backticks: they say what is a name. */
function plainText(sentence: string): string {
  return sentence
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*\*|__/g, '')
    .trim();
}
