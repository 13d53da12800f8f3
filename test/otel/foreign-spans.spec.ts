import { expect, it } from 'vitest';
import { ForeignSpans } from '../../lib/observe/foreign-spans.js';

it('spans that never end cost no more memory than 10,000 of them', () => {
  const spans = new ForeignSpans();
  for (let i = 0; i <= 10_000; i++) spans.started(`span ${i}`, true);
  expect(spans.isExpected('span 0')).toBe(false);
  expect(spans.isExpected('span 1')).toBe(true);
  expect(spans.isExpected('span 10000')).toBe(true);
  spans.ended('span 1');
  expect(spans.isExpected('span 1')).toBe(false);
});
