/** Bar charts as SVG, for light and dark pages. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What stands beside the bar. */
  readonly text: string;
  readonly isOurs: boolean;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface BarChart {
  readonly title: string;
  readonly subtitle: string;
  readonly groups: readonly BarGroup[];
}

const WIDTH = 760;
const MARGIN = 16;
const LABEL_WIDTH = 230;
const TEXT_WIDTH = 110;
const ROW_HEIGHT = 22;
const BAR_HEIGHT = 14;
const TITLE_HEIGHT = 54;
const GROUP_TITLE_HEIGHT = 30;

/** A bar that is longer than this many times the median bar is cut off. */
const MAX_TIMES_MEDIAN = 3;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 }
  .muted { fill: #57606a }
  .group { font-weight: 600 }
  rect { fill: #afb8c1 }
  .ours { fill: #e0234e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .muted { fill: #9198a1 }
    rect { fill: #57606a }
    .ours { fill: #f0506e }
  }`;

export function barChart({ title, subtitle, groups }: BarChart): string {
  const parts: string[] = [
    text(MARGIN, 24, title, 'title'),
    text(MARGIN, 44, subtitle, 'muted'),
  ];
  let y = TITLE_HEIGHT;
  for (const group of groups) {
    parts.push(text(MARGIN, y + 20, group.title, 'group'));
    y += GROUP_TITLE_HEIGHT;
    const full = fullLength(group.bars);
    for (const bar of group.bars) {
      parts.push(...row(bar, y, full));
      y += ROW_HEIGHT;
    }
  }
  const height = y + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}</style>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** The value of a bar of full length. */
function fullLength(bars: readonly Bar[]): number {
  const values = bars.map(({ value }) => value).toSorted((a, b) => a - b);
  const largest = values.at(-1) ?? 0;
  const middle = values[Math.floor(values.length / 2)] ?? 0;
  return middle > 0 ? Math.min(largest, middle * MAX_TIMES_MEDIAN) : largest;
}

function row(bar: Bar, y: number, full: number): string[] {
  const room = WIDTH - 2 * MARGIN - LABEL_WIDTH - TEXT_WIDTH;
  const share = full > 0 ? Math.min(1, Math.max(0, bar.value) / full) : 0;
  const length = Math.max(1, share * room);
  const x = MARGIN + LABEL_WIDTH;
  const isCut = bar.value > full;
  const name = bar.isOurs ? 'ours' : '';
  return [
    text(MARGIN, y + 12, bar.label, bar.isOurs ? 'group' : ''),
    `<rect class="${name}" x="${x}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
    text(x + length + 8, y + 12, isCut ? `» ${bar.text}` : bar.text, ''),
  ];
}

function text(x: number, y: number, content: string, name: string): string {
  return `<text class="${name}" x="${x.toFixed(1)}" y="${y}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');
}
