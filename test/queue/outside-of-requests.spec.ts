import { AsyncLocalStorage } from 'node:async_hooks';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { outsideOfRequests } from '../../lib/queue/outside-of-requests.js';

const request = new AsyncLocalStorage<string>();

function setUp() {
  const source = new Subject<number>();
  const seen: unknown[] = [];
  const subscription = source.pipe(outsideOfRequests()).subscribe({
    next: (value) => seen.push([value, request.getStore()]),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  return { source, seen, subscription };
}

describe('outsideOfRequests', () => {
  it('hands values on without the request in which they came', () => {
    const { source, seen } = setUp();
    request.run('a request', () => source.next(1));
    expect(seen).toEqual([[1, undefined]]);
  });

  it('hands an error on', () => {
    const { source, seen } = setUp();
    source.error('boom');
    expect(seen).toEqual(['boom']);
  });

  it('hands the end on', () => {
    const { source, seen } = setUp();
    source.complete();
    expect(seen).toEqual(['complete']);
  });

  it('lets go of its source with who listens', () => {
    const { source, subscription } = setUp();
    subscription.unsubscribe();
    expect(source.observed).toBe(false);
  });
});
