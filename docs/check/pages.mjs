// Reads Markdown: blocks of code, headings as anchors, and links.
import { readFileSync } from 'node:fs';

const FENCE = /^```(\S*) ?(.*)$/;
const HEADING = /^#{1,6} (.+)$/;
const LINK = /\[(?:[^[\]]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^()\s]*\))?)\)/g;

/**
 * A block's info string is its language, then words: one with a dot is the name
 * of a file, `program` and the like are marks.
 *
 * @typedef {{ language: string, words: string[], file: string | undefined,
 *   text: string, line: number }} Block `line` is that of its first line
 * @typedef {{ target: string, line: number }} Link
 * @typedef {{ path: string, blocks: Block[], anchors: Set<string>,
 *   links: Link[], prose: string[] }} Page
 */

/** @returns {Page} */
export function readPage(path) {
  const page = {
    path,
    blocks: [],
    anchors: new Set(),
    links: [],
    prose: [],
  };
  let block;
  for (const [index, line] of readFileSync(path, 'utf8')
    .split('\n')
    .entries()) {
    const fence = FENCE.exec(line);
    if (block) {
      if (line === '```') block = undefined;
      else block.text += `${line}\n`;
    } else if (fence) {
      const words = fence[2].split(' ').filter(Boolean);
      const file = words.find((word) => word.includes('.'));
      const language = fence[1];
      block = { language, words, file, text: '', line: index + 2 };
      page.blocks.push(block);
    } else {
      readProse(page, line, index + 1);
    }
  }
  if (block) throw new Error(`${path}:${block.line}: the block has no end`);
  return page;
}

function readProse(page, line, number) {
  page.prose.push(line);
  const heading = HEADING.exec(line)?.[1];
  if (heading !== undefined) page.anchors.add(anchorOf(heading, page.anchors));
  const withoutCode = line.replaceAll(/`[^`]*`/g, '``');
  for (const [, target] of withoutCode.matchAll(LINK)) {
    page.links.push({ target, line: number });
  }
}

/** As GitHub makes them. */
function anchorOf(heading, taken) {
  const anchor = heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
  let number = 0;
  const numbered = () => (number === 0 ? anchor : `${anchor}-${number}`);
  while (taken.has(numbered())) number += 1;
  return numbered();
}
