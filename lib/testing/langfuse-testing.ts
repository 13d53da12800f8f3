import type { InMemoryLangfuse } from './in-memory-langfuse.js';
import {
  depthFirst,
  type ObservationTree,
  observationTrees,
} from './observation-trees.js';
import { renderTrees, type TreeField } from './render-tree.js';
import type { TestObservation } from './test-observation.js';
import { type TestScore, testScore } from './test-score.js';
import { waitFor } from './wait-for.js';

const DEFAULT_TIMEOUT_MS = 1_000;

/** Which observation: its name, or what is true of it. @publicApi */
export type ObservationMatch =
  string | ((observation: TestObservation) => boolean);

/** Options of {@link LangfuseTesting.waitFor}. @publicApi */
export interface WaitForOptions {
  /**
   * Milliseconds of real time, also while a test has fake timers.
   * @default 1000
   */
  readonly timeoutMs?: number;
}

/** Options of {@link LangfuseTesting.tree}. @publicApi */
export interface TreeOptions {
  /**
   * Fields to show below each name, as JSON, in this order: `['input',
   * 'output']`. What was not recorded is left out. Ids and times differ from
   * run to run.
   * @default []
   */
  readonly show?: readonly TreeField[];
}

/**
 * What an application has recorded so far. Injectable wherever
 * {@link LangfuseTestingModule} is imported: `module.get(LangfuseTesting)`.
 *
 * Everything that has ended is there at once, without waiting, unless the
 * application has an asynchronous `mask`: then `await flush()` or `waitFor()`.
 * What has not ended yet is not there; closing the application ends it.
 *
 * @publicApi
 */
export class LangfuseTesting {
  readonly #langfuse: InMemoryLangfuse;

  /** @internal */
  constructor(langfuse: InMemoryLangfuse) {
    this.#langfuse = langfuse;
  }

  /**
   * Observations that have ended, in the order of {@link LangfuseTesting.tree}:
   * each before those below it, and these in order of their start. Each call
   * makes new objects.
   */
  observations(match: ObservationMatch = () => true): TestObservation[] {
    const fits = predicateOf(match);
    return this.#trees()
      .flatMap(({ top }) => [...depthFirst(top)])
      .filter(fits);
  }

  /** Scores, those of one trace in the order in which they were made. */
  scores(): TestScore[] {
    return this.#langfuse.transport.receiver.scores.map(testScore);
  }

  /**
   * All that was recorded as text, for snapshots: names, types, models, levels
   * and status messages, then scores; no ids and no times.
   *
   * ```
   * ChatController.ask (span)
   * └─ ChatService.answer (generation) gpt-5
   *    ├─ ★ helpful = 1
   *    └─ Search.find (retriever) ERROR: no index
   * ```
   *
   * Empty when nothing was recorded.
   */
  tree({ show = [] }: TreeOptions = {}): string {
    return renderTrees(this.#trees(), this.scores(), show);
  }

  /**
   * Resolves to the first observation that fits, now or as soon as one has
   * ended.
   *
   * @throws when none fits within the time, or the application is closed
   * before, with the tree of what was recorded; and what `match` throws
   */
  waitFor(
    match: ObservationMatch,
    { timeoutMs = DEFAULT_TIMEOUT_MS }: WaitForOptions = {},
  ): Promise<TestObservation> {
    const { transport } = this.#langfuse;
    const wanted = typeof match === 'string' ? `'${match}'` : 'a predicate';
    return waitFor({
      probe: () => this.observations(match)[0],
      watch: (check) => transport.watch(check),
      isClosed: () => transport.isClosed,
      timeoutMs,
      failure: (why) =>
        new Error(
          `LangfuseTesting.waitFor(${wanted}): ${why}. Recorded so far:\n` +
            (this.tree() || 'nothing'),
        ),
    });
  }

  /** Resolves when an asynchronous `mask` has seen all that has ended. */
  flush(): Promise<void> {
    return this.#langfuse.flush();
  }

  /** Forgets what was recorded so far, for instance between two tests. */
  clear(): void {
    this.#langfuse.transport.receiver.clear();
  }

  #trees(): readonly ObservationTree[] {
    return observationTrees(this.#langfuse.transport.receiver.spans);
  }
}

function predicateOf(
  match: ObservationMatch,
): (observation: TestObservation) => boolean {
  return typeof match === 'string' ? ({ name }) => name === match : match;
}
