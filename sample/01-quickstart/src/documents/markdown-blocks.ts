/** Reads Markdown as far as a search needs it. */

export type MarkdownBlock =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'prose' | 'table' | 'code'; readonly text: string };

interface OpenBlock {
  readonly kind: 'prose' | 'table' | 'code';
  readonly lines: string[];
  /** What ends a code block. */
  readonly fence?: string;
}

/** The blocks of a document in their order; HTML lines are left out. */
export function* markdownBlocks(markdown: string): Generator<MarkdownBlock> {
  let open: OpenBlock | undefined;
  for (const line of markdown.split(/\r?\n/)) {
    if (open?.fence !== undefined) {
      open.lines.push(line);
      if (!line.trim().startsWith(open.fence)) continue;
      yield closed(open);
      open = undefined;
      continue;
    }
    const kind = kindOf(line);
    if (open && open.kind !== kind) {
      yield closed(open);
      open = undefined;
    }
    const heading = /^(#{1,6})\s+(.+?)[\s#]*$/.exec(line);
    if (heading) {
      const [, { length: level } = '', text = ''] = heading;
      yield { kind: 'heading', level, text };
    } else if (kind === 'code') {
      open = { kind, lines: [line], fence: line.trim().slice(0, 3) };
    } else if (kind === 'prose' || kind === 'table') {
      open ??= { kind, lines: [] };
      open.lines.push(line);
    }
  }
  if (open) yield closed(open);
}

function kindOf(line: string): OpenBlock['kind'] | 'heading' | 'nothing' {
  const text = line.trim();
  if (text === '' || text.startsWith('<')) return 'nothing';
  if (text.startsWith('```') || text.startsWith('~~~')) return 'code';
  if (text.startsWith('|')) return 'table';
  return /^#{1,6}\s/.test(line) ? 'heading' : 'prose';
}

function closed({ kind, lines }: OpenBlock): MarkdownBlock {
  return { kind, text: lines.join('\n') };
}
