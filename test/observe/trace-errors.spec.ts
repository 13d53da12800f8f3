/** Whatever is thrown is told of, and passed on as it is. */
import { Injectable } from '@nestjs/common';
import { SpanStatusCode } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Trace } from '../../lib/index.js';
import { attributesOf } from '../support/otlp.js';
import { recordSpans } from '../support/recorded-spans.js';
import { TracedApplication } from '../support/traced-application.js';

@Injectable()
class Thrower {
  @Trace('throw')
  throw(thrown: { readonly value: unknown }): never {
    throw thrown.value;
  }

  @Trace('reject')
  async reject(thrown: { readonly value: unknown }): Promise<never> {
    await Promise.resolve();
    throw thrown.value;
  }
}

function withTrap(key: 'message' | 'stack' | 'name' | 'code'): Error {
  return Object.defineProperty(new Error('original'), key, {
    get() {
      throw new Error(`no ${key}`);
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('what is thrown', () => {
  let traced: TracedApplication;
  beforeEach(async () => {
    traced = await TracedApplication.start({ providers: [Thrower] });
  });
  afterEach(() => traced.close());

  /** Throws it in both ways and gives what was recorded. */
  async function recordThrown(value: unknown) {
    const recorded = recordSpans(traced.queue);
    const thrower = traced.get(Thrower);
    let caught: unknown = 'nothing';
    try {
      thrower.throw({ value });
    } catch (error) {
      caught = error;
    }
    expect(Object.is(caught, value)).toBe(true);
    const rejected = await thrower
      .reject({ value })
      .catch((error: unknown) => ({
        error,
      }));
    expect(Object.is(rejected.error, value)).toBe(true);
    return recorded();
  }

  it('is recorded as error, with message and exception event', async () => {
    const spans = await recordThrown(new RangeError('out of books'));
    expect(spans.map(({ name }) => name)).toEqual(['throw', 'reject']);
    for (const { status, events, attributes } of spans) {
      expect(status).toEqual({
        code: SpanStatusCode.ERROR,
        message: 'out of books',
      });
      expect(events.map(({ name }) => name)).toEqual(['exception']);
      expect(attributesOf(events[0]!.attributes)).toEqual({
        'exception.type': 'RangeError',
        'exception.message': 'out of books',
        'exception.stacktrace': expect.stringContaining('trace-errors.spec'),
      });
      expect(attributesOf(attributes)).toMatchObject({
        'langfuse.observation.level': 'ERROR',
        'langfuse.observation.status_message': 'out of books',
      });
    }
  });

  it.each<[string, unknown, string]>([
    ['a text', 'just text', 'just text'],
    ['a number', 42, '42'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('odd'), 'Symbol(odd)'],
    ['an object', { code: 5 }, '[object Object]'],
    [
      'an error of another process',
      { message: 'no such page' },
      'no such page',
    ],
    [
      'an object without text',
      Object.create(null),
      'an error that has no text',
    ],
    ['a revoked Proxy', revoked(), 'an error that has no text'],
    [
      'an error whose message throws',
      withTrap('message'),
      'an error that has no text',
    ],
    ['an error whose stack throws', withTrap('stack'), 'original'],
    ['an error whose name throws', withTrap('name'), 'original'],
    ['an error whose code throws', withTrap('code'), 'original'],
  ])('is passed on and named: %s', async (_, value, message) => {
    const spans = await recordThrown(value);
    expect(spans.map(({ status }) => status)).toEqual([
      { code: SpanStatusCode.ERROR, message },
      { code: SpanStatusCode.ERROR, message },
    ]);
    const [observation] = traced.local.observations({ name: 'throw' });
    expect(observation).toBeUndefined();
    expect(await traced.observation('throw')).toMatchObject({
      level: 'ERROR',
      statusMessage: message,
    });
  });

  it('has no text that is longer than a value may be', async () => {
    const [span] = await recordThrown(new Error('x'.repeat(3 * 1024 * 1024)));
    const texts = [
      span!.status!.message,
      ...Object.values(attributesOf(span!.events[0]!.attributes)),
      ...Object.values(attributesOf(span!.attributes)),
    ];
    expect(texts.map((text) => Buffer.byteLength(String(text)))).toSatisfy(
      (sizes: number[]) => sizes.every((size) => size <= 1024 * 1024),
    );
  });
});
