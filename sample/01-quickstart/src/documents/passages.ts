/** Cuts a document into passages that are short enough to be read as a source. */
import type { SourceDocument } from './documents.js';
import { markdownBlocks } from './markdown-blocks.js';

export interface Passage {
  readonly id: string;
  readonly source: string;
  /** The headings above it below the document's title, outermost first. */
  readonly heading: string;
  /** Markdown. */
  readonly text: string;
}

/** A prompt has room for several passages; a longer block is left whole. */
const MAX_LENGTH = 1500;

/** What stands under one heading is a passage, or several if it is long. */
export function passagesOf({ source, markdown }: SourceDocument): Passage[] {
  const passages: Passage[] = [];
  const headings: string[] = [];
  let text = '';
  const close = () => {
    if (text === '') return;
    const [title, ...others] = headings.filter(Boolean);
    const heading = others.length > 0 ? others.join(' › ') : (title ?? source);
    const id = `${source}#${passages.length + 1}`;
    passages.push({ id, source, heading, text });
    text = '';
  };
  for (const block of markdownBlocks(markdown)) {
    if (block.kind === 'heading') {
      close();
      headings.length = block.level - 1;
      headings[block.level - 1] = block.text;
      continue;
    }
    if (text.length + block.text.length > MAX_LENGTH) close();
    text += (text && '\n\n') + block.text;
  }
  close();
  return passages;
}
