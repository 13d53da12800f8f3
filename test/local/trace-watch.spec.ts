import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TraceWatch } from '../../lib/local/trace-watch.js';
import type { LocalObservation, LocalTrace } from '../../lib/local/index.js';

const QUIET_MS = 300;

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

function watchOf({ repeat = false, maxTraces = 10 } = {}) {
  const reports: string[] = [];
  const complete = new Set<string>();
  const watch = new TraceWatch({
    quietMs: QUIET_MS,
    repeat,
    maxTraces,
    read: (id) => ({
      ...({ id } as LocalTrace),
      root: complete.has(id) ? ({} as LocalObservation) : undefined,
    }),
    report: ({ id }) => reports.push(id),
  });
  return { watch, reports, complete };
}

describe('TraceWatch', () => {
  it('waits until nothing has come for a while', () => {
    const { watch, reports, complete } = watchOf();
    complete.add('t');
    watch.touch('t');
    vi.advanceTimersByTime(QUIET_MS - 1);
    watch.touch('t');
    vi.advanceTimersByTime(QUIET_MS - 1);
    expect(reports).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(reports).toEqual(['t']);
  });

  it('waits for the root, however long', () => {
    const { watch, reports, complete } = watchOf();
    watch.touch('t');
    vi.advanceTimersByTime(QUIET_MS * 10);
    expect(reports).toEqual([]);
    complete.add('t');
    watch.touch('t');
    vi.advanceTimersByTime(QUIET_MS);
    expect(reports).toEqual(['t']);
  });

  it('reports again only when asked to', () => {
    for (const repeat of [false, true]) {
      const { watch, reports, complete } = watchOf({ repeat });
      complete.add('t');
      watch.touch('t');
      vi.advanceTimersByTime(QUIET_MS);
      watch.touch('t');
      vi.advanceTimersByTime(QUIET_MS);
      expect(reports).toEqual(repeat ? ['t', 't'] : ['t']);
    }
  });

  it('keeps traces apart', () => {
    const { watch, reports, complete } = watchOf();
    complete.add('a').add('b');
    watch.touch('a');
    vi.advanceTimersByTime(QUIET_MS / 2);
    watch.touch('b');
    vi.advanceTimersByTime(QUIET_MS / 2);
    expect(reports).toEqual(['a']);
  });

  it('flushes what waits and leaves no timer', () => {
    const { watch, reports, complete } = watchOf();
    complete.add('a');
    watch.touch('a');
    watch.touch('b');
    watch.flush();
    expect(reports).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('remembers a bounded number of reports', () => {
    const { watch, reports, complete } = watchOf({ maxTraces: 2 });
    for (const id of ['a', 'b', 'c', 'b', 'a']) {
      complete.add(id);
      watch.touch(id);
      vi.advanceTimersByTime(QUIET_MS);
    }
    expect(reports).toEqual(['a', 'b', 'c', 'a']);
  });
});
