import { describe, expect, it } from 'vitest';
import type { PlainAttribute } from './export-request.js';
import { useReceiver, withAttributes } from './receive-span.js';

useReceiver();

describe('metadata', () => {
  const metadataOf = async (
    attributes: Readonly<Record<string, PlainAttribute>>,
  ) => {
    const { metadata } = await withAttributes(attributes);
    const { 'scope.name': _, ...own } = metadata;
    return own;
  };

  it('is flattened from an object, and parsed per value', async () => {
    expect(
      await metadataOf({
        'langfuse.observation.metadata':
          '{"k":{"a":1,"deep":{"b":[1,2]}},"s":"x","n":null,"t":"true","e":{}}',
      }),
    ).toEqual({ 'k.a': 1, 'k.deep.b': [1, 2], s: 'x', n: null, t: true });
  });

  it('vanishes when it is no object, and a list gets numbers for keys', async () => {
    for (const lost of ['"text"', '5', 'broken {', 'true']) {
      expect(
        await metadataOf({ 'langfuse.observation.metadata': lost }),
      ).toEqual({});
    }
    expect(
      await metadataOf({ 'langfuse.observation.metadata': '["a","b"]' }),
    ).toEqual({ 0: 'a', 1: 'b' });
  });

  it('prefers the trace, then single keys, then the whole object', async () => {
    expect(
      await metadataOf({
        'langfuse.observation.metadata': '{"a":"object","b":"object"}',
        'langfuse.observation.metadata.b': 'key',
        'langfuse.observation.metadata.c': 'observation',
        'langfuse.trace.metadata.c': 'trace',
        'langfuse.metadata.d': 'compat',
      }),
    ).toEqual({ a: 'object', b: 'key', c: 'trace', d: 'compat' });
  });

  it('gets all attributes unless the scope is a Langfuse SDK', async () => {
    const attributes = {
      'http.method': 'GET',
      count: 3,
      'langfuse.user.id': 'u',
      'langfuse.observation.input': 'not repeated',
    };
    const foreign = await withAttributes(attributes, {
      scope: { name: 'express' },
    });
    expect(foreign.metadata).toEqual({
      'scope.name': 'express',
      'attributes.http.method': 'GET',
      'attributes.count': 3,
      'attributes.langfuse.user.id': 'u',
    });
    const own = await withAttributes(attributes, {
      scope: { name: 'langfuse-sdk.nestjs' },
    });
    expect(own.metadata).toEqual({ 'scope.name': 'langfuse-sdk.nestjs' });
  });

  it('survives keys that objects are touchy about', async () => {
    const metadata = await metadataOf({
      'langfuse.observation.metadata.__proto__': '{"polluted":true}',
      'langfuse.observation.metadata.constructor': 'x',
    });
    expect(Object.keys(metadata)).toEqual(['__proto__', 'constructor']);
    expect({}).not.toHaveProperty('polluted');
  });

  it('is cut where an object nests without end', async () => {
    const deep = '{"k":'.repeat(5000) + '1' + '}'.repeat(5000);
    const metadata = await metadataOf({
      'langfuse.observation.metadata': deep,
    });
    expect(Object.values(metadata)).toEqual(['[nested deeper than 100]']);
  });
});
