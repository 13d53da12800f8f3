/** Observations and scores as text that is the same in every run. */
import type { ObservationTree } from './observation-trees.js';
import type { TestObservation } from './test-observation.js';
import type { TestScore } from './test-score.js';

/** A field that the tree can show below an observation's name. @publicApi */
export type TreeField = Exclude<keyof TestObservation, 'children'>;

/** A block of lines, and the blocks below it. */
interface Block {
  readonly lines: readonly string[];
  readonly below: readonly Block[];
}

const INCOMPLETE = ' [its parent has not ended]';

/** One tree after the other, then the scores of what is in none of them. */
export function renderTrees(
  trees: readonly ObservationTree[],
  scores: readonly TestScore[],
  fields: readonly TreeField[],
): string {
  const placed = new Set<TestScore>();
  const place = (isOfThis: (score: TestScore) => boolean): Block[] =>
    scores
      .filter((score) => !placed.has(score) && isOfThis(score))
      .map((score) => {
        placed.add(score);
        return { lines: [scoreLine(score)], below: [] };
      });

  const block = (observation: TestObservation): Block => {
    const { id, children } = observation;
    const [headline, ...details] = observationLines(observation, fields);
    const ofThis = place(({ observationId }) => observationId === id);
    return {
      lines: [headline, ...details],
      below: [...ofThis, ...children.map(block)],
    };
  };

  const blocks = trees.map(({ top, isIncomplete }): Block => {
    const { lines, below } = block(top);
    const [headline = '', ...details] = lines;
    const ofTrace = place(
      ({ traceId, observationId }) =>
        traceId === top.traceId && observationId === undefined,
    );
    return {
      lines: [headline + (isIncomplete ? INCOMPLETE : ''), ...details],
      below: [...below, ...ofTrace],
    };
  });
  return [...blocks, ...place(() => true)]
    .flatMap((top) => [...rows(top, '', '')])
    .join('\n');
}

/** @param first leads to the block's first line, `rest` to those after it */
function* rows(
  { lines, below }: Block,
  first: string,
  rest: string,
): Iterable<string> {
  const [headline, ...details] = lines;
  yield `${first}${headline}`;
  const detailIndent = rest + (below.length > 0 ? '│  ' : '   ');
  for (const detail of details) yield detailIndent + detail;
  for (const [index, next] of below.entries()) {
    yield* index === below.length - 1
      ? rows(next, `${rest}└─ `, `${rest}   `)
      : rows(next, `${rest}├─ `, `${rest}│  `);
  }
}

function observationLines(
  observation: TestObservation,
  fields: readonly TreeField[],
): [string, ...string[]] {
  const { name, type, model, level, statusMessage } = observation;
  const outcome = [
    ...(level === 'DEFAULT' ? [] : [level]),
    ...(statusMessage === undefined ? [] : [oneLine(statusMessage)]),
  ].join(': ');
  const headline = [
    oneLine(name),
    `(${type})`,
    ...(model === undefined ? [] : [oneLine(model)]),
    ...(outcome === '' ? [] : [outcome]),
  ].join(' ');
  const details = fields.flatMap((field) => {
    const value = observation[field];
    return isEmpty(value) ? [] : [`${field}: ${JSON.stringify(value)}`];
  });
  return [headline, ...details];
}

function scoreLine({ name, value, comment }: TestScore): string {
  const said = comment === undefined ? '' : ` ${JSON.stringify(comment)}`;
  return `★ ${oneLine(name)} = ${JSON.stringify(value)}${said}`;
}

/** What an observation has of every field that was not recorded. */
function isEmpty(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && !(value instanceof Date)
    ? Object.keys(value).length === 0
    : false;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
