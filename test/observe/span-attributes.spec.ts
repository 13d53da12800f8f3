import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpanAttributes } from '../../lib/observe/span-attributes.js';

describe('SpanAttributes', () => {
  it('is a Map of few or many keys', () => {
    const entry = fc.tuple(
      fc.oneof(
        fc.constantFrom('__proto__', 'constructor', '', 'length'),
        fc.integer({ min: 0, max: 60 }).map((number) => `key ${number}`),
      ),
      fc.oneof(fc.string(), fc.integer(), fc.boolean()),
    );
    // Of the usual size they would all be too few for an index.
    const many = fc.array(entry, { maxLength: 120, size: 'max' });
    fc.assert(
      fc.property(many, (entries) => {
        const map = new Map<string, string | number | boolean>();
        const attributes = new SpanAttributes();
        for (const [key, value] of entries) {
          expect(attributes.set(key, value)).toBe(map.get(key));
          map.set(key, value);
          expect(attributes.size).toBe(map.size);
        }
        expect([...attributes]).toEqual([...map]);
        expect([...attributes.keys()]).toEqual([...map.keys()]);
        expect([...attributes.values()]).toEqual([...map.values()]);
        const visited: unknown[] = [];
        attributes.forEach((value, key) => visited.push([key, value]));
        expect(visited).toEqual([...map]);
        for (let number = 0; number <= 61; number++) {
          const key = `key ${number}`;
          expect(attributes.has(key)).toBe(map.has(key));
          expect(attributes.get(key)).toBe(map.get(key));
        }
      }),
    );
  });
});
