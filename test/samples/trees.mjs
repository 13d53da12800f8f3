// Traces as trees in plain text, to be compared: `TYPE name LEVEL`, what is below
// indented by two, siblings in alphabetical order.

const TYPES =
  'SPAN|GENERATION|EVENT|EMBEDDING|AGENT|TOOL|CHAIN|RETRIEVER|GUARDRAIL|' +
  'EVALUATOR|NUMERIC|BOOLEAN|CATEGORICAL|TEXT|CORRECTION';

/** As `renderTrace()` prints a row: lead, name, type, amount, details. */
const ROW = new RegExp(
  `^(?<lead>(?:[│ ] {2})*(?:[├└]─ )?)(?<name>\\S.*?) {2,}(?<type>${TYPES})` +
    '(?: +[\\d.]+ (?:ms|s)(?: {2}(?<level>WARNING|ERROR|DEBUG)\\b)?.*| .*)?$',
);

/** Columns of `├─ `. */
const LEAD_WIDTH = 3;

/** The trees of what a receiver has, in alphabetical order. */
export function receivedTrees(receiver) {
  return receiver
    .traces()
    .map((trace) => textOf(nodesOf(trace)))
    .toSorted();
}

/** The trees that are printed in a text, in alphabetical order. */
export function printedTrees(output) {
  const [, ...parts] = output.split(/^trace [0-9a-f]{32}.*\n/m);
  return parts.map((part) => textOf(printedNodes(part))).toSorted();
}

/** Expected trees, written in the notation above in any order. */
export function expectedTrees(trees) {
  return trees.map((tree) => textOf(writtenNodes(tree))).toSorted();
}

function nodesOf({ observations, scores, root }) {
  const nodes = new Map(
    observations.map(({ id, type, name, level }) => [
      id,
      node(type, name, level === 'DEFAULT' ? undefined : level),
    ]),
  );
  const tops = [];
  for (const { id, parentObservationId } of observations) {
    const siblings = nodes.get(parentObservationId)?.children ?? tops;
    siblings.push(nodes.get(id));
  }
  for (const { name, dataType, observationId } of scores) {
    const scored = nodes.get(observationId) ?? nodes.get(root?.id);
    (scored?.children ?? tops).push(node(dataType, `★ ${name}`));
  }
  return tops;
}

function printedNodes(text) {
  const forest = new Forest();
  for (const line of text.split('\n')) {
    const { lead, name, type, level } = ROW.exec(line)?.groups ?? {};
    if (name) forest.add(lead.length / LEAD_WIDTH, node(type, name, level));
    // Long details go on in lines that begin as a row does.
    else if (!/^[│ ]/.test(line)) break;
  }
  return forest.tops;
}

function writtenNodes(text) {
  const forest = new Forest();
  for (const line of text.trim().split('\n')) {
    const label = line.trim();
    forest.add((line.length - line.trimStart().length) / 2, {
      label,
      children: [],
    });
  }
  return forest.tops;
}

/** Nodes in the order in which they are written, each with its depth. */
class Forest {
  tops = [];
  #path = [];

  add(depth, added) {
    this.#path.length = depth;
    (this.#path.at(-1)?.children ?? this.tops).push(added);
    this.#path.push(added);
  }
}

function node(type, name, level) {
  return { label: [type, name, level].filter(Boolean).join(' '), children: [] };
}

function textOf(nodes, indent = '') {
  return nodes
    .map(
      ({ label, children }) =>
        `${indent}${label}\n${textOf(children, `${indent}  `)}`,
    )
    .toSorted()
    .join('');
}
