import { describe, expect, expectTypeOf, it } from 'vitest';
import { describeOption, resolveOptions } from '../../lib/options/index.js';
import type {
  LangfuseModuleOptions,
  ResolvedOptions,
} from '../../lib/options/index.js';

function baseUrlFrom(env: NodeJS.ProcessEnv): string {
  return resolveOptions(undefined, env).baseUrl;
}

const KEYS = { publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' };

describe('resolveOptions', () => {
  it('applies every default when nothing is given', () => {
    expect(resolveOptions(undefined, {})).toEqual({
      tracing: {
        on: false,
        reason: 'missing-keys',
        missing: ['publicKey', 'secretKey'],
      },
      baseUrl: 'https://cloud.langfuse.com',
      environment: undefined,
      release: undefined,
      sampleRate: 1,
      shouldExportSpan: undefined,
      mask: undefined,
      flushAt: 512,
      flushInterval: 5,
      timeout: 30,
      maxBatchBytes: 3_500_000,
      maxQueueSize: 100_000,
      maxQueueBytes: 67_108_864,
      maxOpenObservations: 10_000,
      maxOpenBytes: 67_108_864,
      maxOpenAgeMs: undefined,
      maxConcurrency: 4,
      flushTimeoutMs: 10_000,
      shutdownTimeoutMs: 5_000,
      maxValueBytes: 1_048_576,
      exportMode: 'batched',
      overflow: 'drop-oldest',
      compression: 'gzip',
      metrics: true,
      debug: false,
      verifyOnBoot: false,
      additionalHeaders: {},
      requestAttributes: undefined,
      ignoreRoutes: [],
      baggageHosts: [],
      trustIncomingBaggage: false,
      registerGlobally: false,
      spanProcessor: undefined,
      spooling: { mode: 'off' },
    } satisfies ResolvedOptions);
  });

  it('returns every option that is given', () => {
    const given = {
      baseUrl: 'http://localhost:3000',
      environment: 'staging',
      release: '1.2.3',
      sampleRate: 0.5,
      shouldExportSpan: () => true,
      mask: ({ data }) => data,
      flushAt: 1,
      flushInterval: 0.25,
      timeout: 1.5,
      maxBatchBytes: 4096,
      maxQueueSize: 2,
      maxQueueBytes: 8192,
      maxOpenObservations: 3,
      maxOpenBytes: 16384,
      maxOpenAgeMs: 60_000,
      maxConcurrency: 1,
      flushTimeoutMs: 3,
      shutdownTimeoutMs: 4,
      maxValueBytes: 2048,
      exportMode: 'immediate',
      overflow: 'drop-newest',
      compression: 'none',
      metrics: false,
      debug: true,
      verifyOnBoot: true,
      additionalHeaders: { 'X-Team': 'search' },
      requestAttributes: () => undefined,
      ignoreRoutes: ['/health', /^\/internal/],
      baggageHosts: ['billing.internal'],
      trustIncomingBaggage: true,
      registerGlobally: true,
    } satisfies LangfuseModuleOptions;
    expect(resolveOptions({ ...KEYS, ...given, enabled: true }, {})).toEqual({
      ...given,
      tracing: { on: true, credentials: KEYS },
      spooling: { mode: 'off' },
    });
  });

  it('reads every variable', () => {
    const resolved = resolveOptions(undefined, {
      LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
      LANGFUSE_SECRET_KEY: 'sk-lf-1',
      LANGFUSE_BASE_URL: 'https://us.cloud.langfuse.com/',
      LANGFUSE_TRACING_ENABLED: 'true',
      LANGFUSE_TRACING_ENVIRONMENT: 'production',
      LANGFUSE_RELEASE: 'abc123',
      LANGFUSE_SAMPLE_RATE: '.25',
      LANGFUSE_FLUSH_AT: '10',
      LANGFUSE_FLUSH_INTERVAL: '0.5',
      LANGFUSE_TIMEOUT: '7',
      LANGFUSE_MAX_OPEN_OBSERVATIONS: '3',
      LANGFUSE_MAX_OPEN_BYTES: '16384',
      LANGFUSE_MAX_OPEN_AGE_MS: '60000',
      LANGFUSE_DEBUG: 'true',
      LANGFUSE_VERIFY_ON_BOOT: '1',
    });
    expect(resolved).toMatchObject({
      tracing: { on: true, credentials: KEYS },
      baseUrl: 'https://us.cloud.langfuse.com',
      environment: 'production',
      release: 'abc123',
      sampleRate: 0.25,
      flushAt: 10,
      flushInterval: 0.5,
      timeout: 7,
      maxOpenObservations: 3,
      maxOpenBytes: 16384,
      maxOpenAgeMs: 60_000,
      debug: true,
      verifyOnBoot: true,
    });
  });

  it('takes the first variable of an option that is set', () => {
    const [first, second, third] = [
      'https://1.io',
      'https://2.io',
      'https://3.io',
    ];
    expect(baseUrlFrom({ LANGFUSE_HOST: third })).toBe(third);
    expect(
      baseUrlFrom({ LANGFUSE_HOST: third, LANGFUSE_BASEURL: second }),
    ).toBe(second);
    expect(
      baseUrlFrom({
        LANGFUSE_HOST: third,
        LANGFUSE_BASEURL: second,
        LANGFUSE_BASE_URL: first,
      }),
    ).toBe(first);
    expect(baseUrlFrom({ LANGFUSE_BASE_URL: '', LANGFUSE_HOST: third })).toBe(
      third,
    );
  });

  it('takes an empty variable for one that is not set', () => {
    const resolved = resolveOptions(undefined, {
      LANGFUSE_PUBLIC_KEY: '',
      LANGFUSE_FLUSH_AT: '',
      LANGFUSE_TRACING_ENVIRONMENT: ' \n',
    });
    expect(resolved).toEqual(resolveOptions(undefined, {}));
  });

  it('ignores white space around the value of a variable', () => {
    const env = {
      LANGFUSE_PUBLIC_KEY: 'pk-lf-1\n',
      LANGFUSE_SECRET_KEY: ' sk-lf-1',
    };
    expect(resolveOptions(undefined, env).tracing).toEqual({
      on: true,
      credentials: KEYS,
    });
  });

  it('prefers a given option to its variable, even to a broken one', () => {
    const env = { LANGFUSE_FLUSH_AT: 'many', LANGFUSE_TIMEOUT: '7' };
    const resolved = resolveOptions({ flushAt: 3, timeout: 8 }, env);
    expect(resolved).toMatchObject({ flushAt: 3, timeout: 8 });
  });

  it('takes undefined for not given', () => {
    const given = { flushAt: undefined, release: undefined };
    const resolved = resolveOptions(given, { LANGFUSE_FLUSH_AT: '10' });
    expect(resolved).toMatchObject({ flushAt: 10, release: undefined });
  });

  it('reads the getters of a class instance', () => {
    class Options {
      get flushAt() {
        return 9;
      }
    }
    expect(resolveOptions(new Options(), {}).flushAt).toBe(9);
  });

  it('does not keep the object of headers it was given', () => {
    const headers = { a: '1' };
    const resolved = resolveOptions({ additionalHeaders: headers }, {});
    headers.a = '2';
    expect(resolved.additionalHeaders).toEqual({ a: '1' });
  });

  it('has types that follow the table', () => {
    expectTypeOf<LangfuseModuleOptions['flushAt']>().toEqualTypeOf<
      number | undefined
    >();
    expectTypeOf<LangfuseModuleOptions['compression']>().toEqualTypeOf<
      'gzip' | 'none' | undefined
    >();
    expectTypeOf<ResolvedOptions['flushAt']>().toEqualTypeOf<number>();
    expectTypeOf<ResolvedOptions['compression']>().toEqualTypeOf<
      'gzip' | 'none'
    >();
    expectTypeOf<ResolvedOptions['environment']>().toEqualTypeOf<
      string | undefined
    >();
    expectTypeOf<ResolvedOptions>().not.toHaveProperty('secretKey');
    // @ts-expect-error An option that does not exist.
    expectTypeOf<LangfuseModuleOptions>({ host: 'https://langfuse.com' });
  });
});

describe('tracing', () => {
  it.each([
    [{}, ['publicKey', 'secretKey']],
    [{ publicKey: 'pk-lf-1' }, ['secretKey']],
    [{ secretKey: 'sk-lf-1' }, ['publicKey']],
    [{ publicKey: '', secretKey: '' }, ['publicKey', 'secretKey']],
  ])('is off without keys and says which are missing: %j', (given, missing) => {
    expect(resolveOptions(given, {}).tracing).toEqual({
      on: false,
      reason: 'missing-keys',
      missing,
    });
  });

  it('does not fall back to a variable for a key that is given empty', () => {
    const env = {
      LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
      LANGFUSE_SECRET_KEY: 'sk-lf-1',
    };
    expect(resolveOptions({ publicKey: '' }, env).tracing).toMatchObject({
      missing: ['publicKey'],
    });
  });

  it('is disabled by the option or its variable, with and without keys', () => {
    const disabled = { on: false, reason: 'disabled' };
    const env = { LANGFUSE_TRACING_ENABLED: 'false' };
    expect(resolveOptions({ enabled: false }, {}).tracing).toEqual(disabled);
    expect(resolveOptions(KEYS, env).tracing).toEqual(disabled);
    expect(resolveOptions({ ...KEYS, enabled: true }, env).tracing.on).toBe(
      true,
    );
  });

  it('carries the keys only when it is on', () => {
    const { tracing } = resolveOptions(KEYS, {});
    // @ts-expect-error Not known before `on` is.
    expect(tracing.credentials).toMatchObject({ secretKey: 'sk-lf-1' });
  });

  it('can name a missing key together with its variable', () => {
    expect(describeOption('publicKey')).toBe('publicKey (LANGFUSE_PUBLIC_KEY)');
    expect(describeOption('maxQueueSize')).toBe('maxQueueSize');
  });
});
