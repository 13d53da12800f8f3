import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlainAttribute } from './export-request.js';
import { normalizeEnvironment } from '../../lib/local/environment.js';
import { useReceiver, withAttributes } from './receive-span.js';

useReceiver();

describe('trace context', () => {
  it('takes user and session from the first key that says something', async () => {
    expect(
      await withAttributes({
        'langfuse.user.id': '',
        'user.id': 'u-2',
        'gen_ai.conversation.id': 's-2',
      }),
    ).toMatchObject({ userId: 'u-2', sessionId: 's-2' });
    expect(await withAttributes({ 'langfuse.user.id': 42 })).toMatchObject({
      userId: '42',
    });
  });

  it.each<[PlainAttribute, string[]]>([
    [
      ['a', 'a'],
      ['a', 'a'],
    ],
    ['["a","b"]', ['a', 'b']],
    ['a, b', ['a', 'b']],
    ['single', ['single']],
    [[], ['{"arrayValue":{}}']],
  ])('makes %j the tags %j', async (sent, tags) => {
    expect(
      (await withAttributes({ 'langfuse.trace.tags': sent })).tags,
    ).toEqual(tags);
  });

  it('falls back on the resource', async () => {
    const resource = {
      'service.version': '2.0',
      'langfuse.release': 'r-1',
      'langfuse.environment': 'staging',
    };
    expect(await withAttributes({}, { resource })).toMatchObject({
      version: '2.0',
      release: 'r-1',
      environment: 'staging',
    });
    expect(
      await withAttributes(
        { 'langfuse.version': '3', 'deployment.environment': 'span' },
        { resource },
      ),
    ).toMatchObject({ version: '3', environment: 'staging' });
  });

  it.each([
    ['PRODUCTION', 'production'],
    ['langfuse-prod', 'prod'],
    ['Langfuse_langfuse-x', 'x'],
    ['my env', 'default'],
    ['Prod.EU', 'default'],
    ['langfuse', 'default'],
    ['x'.repeat(50), 'x'.repeat(40)],
  ])('makes %s the environment %s', async (sent, environment) => {
    expect(
      (await withAttributes({ 'langfuse.environment': sent })).environment,
    ).toBe(environment);
  });

  it('always has an environment that the server would accept', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(normalizeEnvironment(value)).toMatch(
          /^(?!langfuse)[a-z0-9_-]{1,40}$/,
        );
      }),
    );
    fc.assert(
      fc.property(
        fc.stringMatching(/^(langfuse)?[-_a-zA-Z0-9.]{0,50}$/),
        (value) => {
          expect(normalizeEnvironment(value)).toMatch(
            /^(?!langfuse)[a-z0-9_-]{1,40}$/,
          );
        },
      ),
    );
  });
});
