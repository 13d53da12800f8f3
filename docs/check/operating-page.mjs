// Holds `operating.md` to the code, both ways: each log line that it explains is one
// that lib/ can write, each that lib/ writes is explained, and so is each metric.
import { metricsTable } from '../../dist/operate/metrics-table.js';
import { logTexts } from './log-texts.mjs';

/** @returns what the page says and the code does not, or the other way round */
export function problemsOfOperating({ prose }, lib) {
  const page = prose.join('\n');
  const metrics = rowsOf(section(page, 'Metrics'));
  const explained = [
    ...section(page, 'Log lines').matchAll(/^\| `([^`]+)` +\|/gm),
  ].map(([, line]) => line);
  const { written, all } = logTexts(lib);
  return [
    ...explained
      .filter((line) => !all.some((text) => text.includes(line)))
      .map((line) => `lib/ has no line "${line}"`),
    ...written
      .filter(({ text }) => !explained.some((line) => text.includes(line)))
      .map(({ file, text }) => `it does not explain "${text}" of ${file}`),
    ...metricsTable
      .filter(({ name }) => !metrics.includes(`\`${name}\``))
      .map(({ name }) => `its table lacks the metric ${name}`),
  ];
}

function section(page, title) {
  const [, after = ''] = page.split(new RegExp(`^## ${title}$`, 'm'));
  return after.split(/^## /m)[0];
}

function rowsOf(text) {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .join('\n');
}
