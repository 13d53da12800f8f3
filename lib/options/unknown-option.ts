/** What to say about a name that is not in the options' table. */
import { optionNames, optionsTable } from './options.table.js';
import type { OptionName } from './options.table.js';

const MOST_EDITS = 2;
const SHORTEST_PART = 3;

/** How an option is spelled elsewhere: its own name and its variables. */
const spellings = optionNames.flatMap((option) =>
  [option, ...optionsTable[option].env].map((spelling) => ({
    option,
    spelling: simplify(spelling),
  })),
);

/** The sentence for an unknown option; with a suggestion if one is near. */
export function unknownOptionMessage(name: string): string {
  const meant = nearestOption(name);
  if (meant === undefined) return 'is not an option; remove it.';
  const { unit } = optionsTable[meant];
  return `is not an option; did you mean ${meant}${unit ? `, in ${unit}` : ''}?`;
}

function nearestOption(name: string): OptionName | undefined {
  const wanted = simplify(name);
  if (wanted === '' || wanted.length > 100) return undefined;
  const most = Math.min(MOST_EDITS, Math.floor(wanted.length / 3));
  let nearest: OptionName | undefined;
  let fewest = most + 1;
  for (const { option, spelling } of spellings) {
    const edits = editDistance(wanted, spelling);
    if (edits < fewest) [nearest, fewest] = [option, edits];
  }
  return (
    nearest ?? spellings.find((each) => isPart(wanted, each.spelling))?.option
  );
}

function isPart(one: string, other: string): boolean {
  const [shorter, longer] =
    one.length < other.length ? [one, other] : [other, one];
  return shorter.length >= SHORTEST_PART && longer.includes(shorter);
}

/** A name without case, punctuation, our prefix and the unit at its end. */
function simplify(name: string): string {
  return name
    .replace(/[^a-z\d]/gi, '')
    .toLowerCase()
    .replace(/^langfuse/, '')
    .replace(/(?:ms|millis|milliseconds|secs|seconds|bytes)$/, '');
}

/** Levenshtein distance. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
