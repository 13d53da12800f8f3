/**
 * A trace as the rows of a tree, in the order in which they are printed. Every
 * observation gets a row, also one whose parent is missing or goes in circles.
 */
import type { LocalObservation, LocalScore, LocalTrace } from './records.js';

/** One row, with the lines that lead to it from its ancestors. */
export interface TreeRow {
  /** Drawn in front of the row's name. */
  readonly lead: string;
  /** Drawn in front of further lines of the same row. */
  readonly continuation: string;
  readonly node: TreeNode;
}

/** What is odd about an observation's place in the tree. */
export type TreeRemark = 'orphan' | 'circular' | 'duplicate';

export type TreeNode =
  | {
      readonly kind: 'observation';
      readonly observation: LocalObservation;
      readonly remark: TreeRemark | undefined;
    }
  | { readonly kind: 'score'; readonly score: LocalScore };

interface Pending {
  readonly node: TreeNode;
  readonly level: number;
  readonly indent: string;
  readonly place: keyof typeof LEAD;
}

/** Deeper levels are drawn no further to the right: a terminal ends somewhere. */
const MAX_INDENTED_LEVELS = 10;
const LEAD = { top: '', middle: '├─ ', last: '└─ ' } as const;
const INDENT = { top: '', middle: '│  ', last: '   ' } as const;

export function treeRows(trace: LocalTrace): TreeRow[] {
  const forest = new Forest(trace);
  const rows: TreeRow[] = [];
  for (const top of forest.tops()) {
    // A stack of its own: traces may nest deeper than calls can.
    const pending: Pending[] = [
      { node: top, level: 0, indent: '', place: 'top' },
    ];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { node } = next;
      const indented = next.level <= MAX_INDENTED_LEVELS;
      const indent = next.indent + (indented ? INDENT[next.place] : '');
      const children = forest.takeChildren(node);
      rows.push({
        lead: next.indent + LEAD[next.place],
        continuation: children.length > 0 ? `${indent}│` : indent,
        node,
      });
      for (let index = children.length - 1; index >= 0; index -= 1) {
        const place = index === children.length - 1 ? 'last' : 'middle';
        pending.push({
          node: children[index]!,
          level: next.level + 1,
          indent,
          place,
        });
      }
    }
  }
  return rows;
}

/** Hands out each node of a trace once. */
class Forest {
  readonly #roots: TreeNode[] = [];
  readonly #orphans: TreeNode[] = [];
  readonly #children = new Map<string, TreeNode[]>();
  /** Observations below another one, until they are handed out. */
  readonly #below = new Set<LocalObservation>();

  constructor(trace: LocalTrace) {
    const observations = trace.observations.toSorted((a, b) =>
      a.startTime.localeCompare(b.startTime),
    );
    const ids = new Set(observations.map(({ id }) => id));
    const seen = new Set<string>();
    for (const observation of observations) {
      const duplicate = seen.has(observation.id);
      seen.add(observation.id);
      this.#addObservation(observation, ids, duplicate);
    }
    const main = trace.root ?? observations[0];
    for (const score of trace.scores.toSorted((a, b) =>
      a.timestamp.localeCompare(b.timestamp),
    )) {
      const { observationId } = score;
      const known = observationId !== null && ids.has(observationId);
      this.#addBelow(known ? observationId : (main?.id ?? ''), {
        kind: 'score',
        score,
      });
    }
  }

  /** Roots first, then what hangs on nothing, then what hangs on itself. */
  *tops(): Generator<TreeNode> {
    yield* this.#roots;
    yield* this.#orphans;
    for (const observation of this.#below) {
      this.#below.delete(observation);
      yield { kind: 'observation', observation, remark: 'circular' };
    }
  }

  takeChildren(node: TreeNode): TreeNode[] {
    if (node.kind === 'score') {
      return [];
    }
    const { id } = node.observation;
    const children = (this.#children.get(id) ?? []).filter(
      (child) => child.kind === 'score' || this.#below.has(child.observation),
    );
    this.#children.delete(id);
    for (const child of children) {
      if (child.kind === 'observation') {
        this.#below.delete(child.observation);
      }
    }
    return children;
  }

  #addObservation(
    observation: LocalObservation,
    ids: ReadonlySet<string>,
    duplicate: boolean,
  ): void {
    const { parentObservationId, isRootObservation } = observation;
    const node = (remark?: TreeRemark): TreeNode => ({
      kind: 'observation',
      observation,
      remark: duplicate ? 'duplicate' : remark,
    });
    if (parentObservationId !== null && ids.has(parentObservationId)) {
      this.#below.add(observation);
      this.#addBelow(parentObservationId, node());
    } else if (isRootObservation) {
      this.#roots.push(node());
    } else {
      this.#orphans.push(node('orphan'));
    }
  }

  #addBelow(parent: string, node: TreeNode): void {
    const siblings = this.#children.get(parent);
    if (siblings === undefined) {
      this.#children.set(parent, [node]);
    } else {
      siblings.push(node);
    }
  }
}
