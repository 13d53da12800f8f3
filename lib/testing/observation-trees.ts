/** Puts observations below each other. */
import type { ReceivedSpan } from '../local/index.js';
import { type TestObservation, testObservation } from './test-observation.js';

/** An observation of which nothing further out has ended yet, or ever will. */
export interface ObservationTree {
  readonly top: TestObservation;
  /** Whether it has a parent in this application, which is still open. */
  readonly isIncomplete: boolean;
}

/**
 * The trees of all traces, by start; what started within the same moment, in
 * the order in which it ended.
 */
export function observationTrees(
  spans: readonly ReceivedSpan[],
): readonly ObservationTree[] {
  const traces = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    const { traceId } = span.observation;
    const trace = traces.get(traceId);
    if (trace) trace.push(span);
    else traces.set(traceId, [span]);
  }
  return [...traces.values()]
    .map((trace) => trace.toSorted(byStart))
    .toSorted(byFirstStart)
    .flatMap(treesOfTrace);
}

/** Each observation, then those below it. */
export function* depthFirst(top: TestObservation): Iterable<TestObservation> {
  const pending = [top];
  for (let next = pending.pop(); next; next = pending.pop()) {
    yield next;
    pending.push(...next.children.toReversed());
  }
}

function treesOfTrace(spans: readonly ReceivedSpan[]): ObservationTree[] {
  const children = new Map<string, TestObservation[]>(
    spans.map(({ observation }) => [observation.id, []]),
  );
  return spans.flatMap((span) => {
    const { id, parentObservationId, isRootObservation } = span.observation;
    const top = testObservation(span, children.get(id) ?? []);
    const siblings = children.get(parentObservationId ?? '');
    siblings?.push(top);
    return siblings ? [] : [{ top, isIncomplete: !isRootObservation }];
  });
}

function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  if (a.startTimeUnixNano < b.startTimeUnixNano) return -1;
  return a.startTimeUnixNano > b.startTimeUnixNano ? 1 : 0;
}

/** Each trace reads the wall clock once: between them milliseconds count. */
function byFirstStart(
  [a]: readonly ReceivedSpan[],
  [b]: readonly ReceivedSpan[],
): number {
  const startOf = (span: ReceivedSpan | undefined) =>
    span?.observation.startTime ?? '';
  return startOf(a).localeCompare(startOf(b));
}
