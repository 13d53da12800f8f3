// Turns a careful copy into JSON of a bounded size: longest strings go first.
import type { PlainTree } from './copy.js';
import { CutText, ELLIPSIS_BYTES, jsonSize, shorten } from './cut-text.js';

/** JSON text and how many strings in it were shortened. */
export interface Fitted {
  readonly text: string;
  readonly shortened: number;
}

const TOO_LONG = Number.MAX_SAFE_INTEGER;

/**
 * JSON of at most `maxBytes` bytes in UTF-8. Strings share what keys, numbers
 * and punctuation leave: one level is found, strings below it stay whole, all
 * others are cut to it. `undefined` when there is no room for that.
 */
export function fit(tree: PlainTree, maxBytes: number): Fitted | undefined {
  const texts: (string | CutText)[] = [];
  const frame = JSON.stringify(tree, (_key, node: unknown) => {
    if (!isText(node)) return node;
    texts.push(node);
    return '';
  });
  const budget = maxBytes - Buffer.byteLength(frame);
  if (budget < 0) return undefined;
  const sizes = sizesOf(texts, budget);
  const level = waterLevel(sizes, budget);
  if (level < ELLIPSIS_BYTES) return undefined;
  let next = 0;
  let shortened = 0;
  const text = JSON.stringify(tree, (_key, node: unknown) => {
    if (!isText(node)) return node;
    if (sizes[next++]! <= level) return node;
    shortened++;
    return shorten(cutText(node), level, jsonSize);
  });
  return { text, shortened };
}

// No string longer than the level of the lengths survives the level of the
// sizes, as a character takes a byte at least. So those need no measuring, and
// the others are no longer than the budget, all together.
function sizesOf(
  texts: readonly (string | CutText)[],
  budget: number,
): number[] {
  const longest = waterLevel(
    texts.map((text) => text.length),
    budget,
  );
  return texts.map((text) => {
    if (typeof text !== 'string' || text.length > longest) return TOO_LONG;
    return jsonSize(text);
  });
}

// The height to which the budget fills vessels of these sizes.
function waterLevel(sizes: readonly number[], budget: number): number {
  let left = budget;
  let rest = sizes.length;
  for (const size of sizes.toSorted((a, b) => a - b)) {
    const share = Math.floor(left / rest--);
    if (size > share) return share;
    left -= size;
  }
  return TOO_LONG;
}

function isText(node: unknown): node is string | CutText {
  return typeof node === 'string' || node instanceof CutText;
}

function cutText(text: string | CutText): CutText {
  return typeof text === 'string' ? new CutText(text, text.length) : text;
}
