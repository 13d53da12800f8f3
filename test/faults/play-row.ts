/** Plays rows, some at a time. */
import type { Row, RowResult } from './row.js';
import { Stage } from './stage.js';

/** Rows that play at once: they mostly wait. More of them only make each slow. */
const AT_ONCE = 8;

/** From set-up to the books, whatever goes wrong. */
async function playRow(row: Row): Promise<RowResult> {
  const stage = new Stage(row);
  try {
    await stage.server.listen();
    await row.run(stage);
  } catch (error) {
    stage.check(false, error instanceof Error ? `${error.stack}` : `${error}`);
  }
  return stage.finish();
}

/**
 * Plays rows: first those that need the process for themselves, one by one,
 * then the others together. Each result is there as soon as its row has ended.
 */
export function playRows(
  rows: readonly Row[],
): ReadonlyMap<Row, Promise<RowResult>> {
  const results = new Map<Row, Promise<RowResult>>();
  let alone: Promise<unknown> = Promise.resolve();
  for (const row of rows.filter((each) => each.alone)) {
    const result = alone.then(() => playRow(row));
    results.set(row, result);
    alone = result;
  }
  const together = limited(AT_ONCE);
  for (const row of rows.filter((each) => !each.alone)) {
    results.set(
      row,
      alone.then(() => together(() => playRow(row))),
    );
  }
  return results;
}

/** Runs what it is given, so many at a time. */
function limited(atOnce: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(run: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
