import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../lib/options/index.js';
import { linesOf, refusalOf } from './refusal.js';

describe('LangfuseOptionsError', () => {
  it('names all bad options at once, with value and fix', () => {
    const error = refusalOf(
      { flushAt: 0 },
      { LANGFUSE_FLUSH_INTERVAL: 'soon' },
    );
    expect(error.message).toBe(
      [
        'LangfuseModule: 2 options are invalid:',
        'flushAt: 0 is not an integer from 1 to 100000; leave it out for 512.',
        'flushInterval (LANGFUSE_FLUSH_INTERVAL): "soon" is not a number of seconds above 0, at most 2147483; e.g. 5.',
      ].join('\n  '),
    );
    expect(error.name).toBe('LangfuseOptionsError');
    expect(error.problems).toMatchObject([
      { option: 'flushAt' },
      { option: 'flushInterval', env: 'LANGFUSE_FLUSH_INTERVAL' },
    ]);
  });

  it('has five lines for five bad fields', () => {
    const lines = linesOf(
      { flushAt: 1.5, timeout: -1, compression: 'br', host: 'x' },
      { LANGFUSE_TRACING_ENABLED: 'maybe' },
    );
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'enabled (LANGFUSE_TRACING_ENABLED)',
      'flushAt',
      'timeout',
      'compression',
      'host',
    ]);
  });

  it('speaks of one option in the singular', () => {
    expect(refusalOf({ flushAt: 0 }).message).toMatch(
      /^LangfuseModule: 1 option is invalid:\n {2}\S/,
    );
  });

  it('names the alias that the value came from', () => {
    expect(linesOf({}, { LANGFUSE_HOST: 'langfuse.local' })).toEqual([
      'baseUrl (LANGFUSE_HOST): "langfuse.local" is not an http or https URL; e.g. "https://cloud.langfuse.com".',
    ]);
  });

  it.each([
    ['flushAt', '10', 'pass the number 10'],
    ['timeout', ' 2.5 ', 'pass the number 2.5'],
    ['enabled', 'false', 'pass the boolean false'],
    ['flushAt', 'ten', 'leave it out for 512'],
  ])('says how to pass %s instead of the text %j', (name, value, fix) => {
    expect(linesOf({ [name]: value })).toEqual([
      expect.stringContaining(`; ${fix}.`),
    ]);
  });

  it('stays on one line and short for any text', () => {
    const [line] = linesOf({ environment: 'a\nb\r'.repeat(1000) });
    expect(line).toMatch(
      /^environment: "a\\nb\\r.{1,100}…" is not .*production"\.$/,
    );
  });
});

describe('an object that holds no options', () => {
  it.each([
    [null, 'null'],
    [[], 'an array'],
    ['https://langfuse.com', 'a string'],
    [() => ({}), 'a function'],
  ])('is refused: %j', (given, described) => {
    expect(linesOf(given)).toEqual([
      `options: ${described} is not an object of options; pass an object, or nothing.`,
    ]);
  });

  it('is refused when it throws', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(linesOf(proxy)).toEqual([
      expect.stringMatching(/^options: .*throws/),
    ]);
  });

  it('does not hide its other options when one throws', () => {
    const given = {
      get flushAt(): number {
        throw new Error('no');
      },
      timeout: 0,
    };
    expect(linesOf(given)).toEqual([
      'flushAt: the value throws when it is read; pass a plain value.',
      expect.stringMatching(/^timeout: 0 is not/),
    ]);
  });
});

describe('an unknown option', () => {
  it.each([
    ['flushIntervalMs', 'did you mean flushInterval, in seconds?'],
    ['flush_interval', 'did you mean flushInterval, in seconds?'],
    ['fushAt', 'did you mean flushAt?'],
    ['host', 'did you mean baseUrl?'],
    ['baseURL', 'did you mean baseUrl?'],
    ['url', 'did you mean baseUrl?'],
    ['LANGFUSE_SECRET_KEY', 'did you mean secretKey?'],
    ['tracingEnabled', 'did you mean enabled?'],
    ['requestTimeout', 'did you mean timeout, in seconds?'],
    ['maxQueue', 'did you mean maxQueueBytes, in bytes?'],
    ['headers', 'did you mean additionalHeaders?'],
    ['nothingLikeIt', 'remove it.'],
    ['toString', 'remove it.'],
  ])('%s is refused: %s', (name, fix) => {
    expect(linesOf({ [name]: 1 })).toEqual([
      `${name}: is not an option; ${fix}`,
    ]);
  });

  it('is refused also when it is undefined', () => {
    expect(linesOf({ host: undefined })).toHaveLength(1);
  });

  it('is named on one line, whatever its name', () => {
    expect(linesOf({ 'a\n  b': 1, '': 2 })).toEqual([
      expect.stringMatching(/^"a\\n {2}b": is not an option/),
      expect.stringMatching(/^"": is not an option/),
    ]);
  });
});

describe('options that limit each other', () => {
  it('lower a default instead of refusing it', () => {
    const given = { maxQueueSize: 100, maxQueueBytes: 2048 };
    expect(resolveOptions(given, {})).toMatchObject({
      flushAt: 100,
      maxBatchBytes: 2048,
    });
  });

  it('may be equal', () => {
    const given = { flushAt: 100, maxQueueSize: 100 };
    expect(resolveOptions(given, {})).toMatchObject(given);
  });

  it('are refused when both were set', () => {
    const given = { maxBatchBytes: 4096, maxQueueBytes: 2048, maxQueueSize: 9 };
    expect(linesOf(given, { LANGFUSE_FLUSH_AT: '10' })).toEqual([
      'flushAt (LANGFUSE_FLUSH_AT): 10 is more than maxQueueSize, 9; lower it or raise maxQueueSize.',
      'maxBatchBytes: 4096 is more than maxQueueBytes, 2048; lower it or raise maxQueueBytes.',
    ]);
  });

  it('never raise the limit that is a default', () => {
    expect(linesOf({ maxBatchBytes: 100_000_000 })).toEqual([
      expect.stringContaining('is more than maxQueueBytes, 67108864;'),
    ]);
  });

  it('are not compared with a refused value', () => {
    expect(linesOf({ flushAt: 100, maxQueueSize: 0 })).toEqual([
      expect.stringMatching(/^maxQueueSize: 0 is not/),
    ]);
    expect(linesOf({ flushAt: 0, maxQueueSize: 5 })).toHaveLength(1);
  });
});
