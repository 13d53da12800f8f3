import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LangfuseOptionsError,
  resolveOptions,
} from '../../lib/options/index.js';
import type { ResolvedOptions } from '../../lib/options/index.js';
import type { OptionRow } from '../../lib/options/option-row.js';
import { optionNames, optionsTable } from '../../lib/options/options.table.js';
import { untyped } from './refusal.js';

const garbage = fc.oneof(
  fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  }),
  fc.func(fc.anything()),
);

/** How an object is harmed after it was made: fast-check must read it. */
const harm = fc.constantFrom('none', 'none', 'getter', 'value', 'object');

function harmed(given: unknown, how: string): unknown {
  const options = typeof given === 'object' ? given : {};
  switch (how) {
    case 'getter':
      return {
        ...options,
        get flushAt(): number {
          throw new Error('getter');
        },
      };
    case 'value':
      return { ...options, additionalHeaders: revoked(), baseUrl: revoked() };
    case 'object':
      return revoked();
    default:
      return given;
  }
}

/** An object that throws whatever is done with it. */
function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Values that are near to right ones, so that some objects are accepted. */
const plausible = fc.oneof(
  fc.integer({ min: -2, max: 200_000 }),
  fc.double(),
  fc.boolean(),
  fc.webUrl({ withQueryParameters: true }),
  fc.constantFrom('gzip', 'none', 'production', 'pk-lf-1', '', '5', 'false'),
  fc.dictionary(fc.string(), fc.string()),
);

/** Objects in which nearly every option has a right value. */
const nearlyRight = fc
  .record(
    Object.fromEntries(
      optionNames.map((name) => {
        const row: OptionRow<unknown> = optionsTable[name];
        return [
          name,
          fc.oneof(
            {
              weight: 90,
              arbitrary: fc.constantFrom(row.default, row.example),
            },
            { weight: 1, arbitrary: plausible },
          ),
        ];
      }),
    ),
    { requiredKeys: [] },
  )
  // Without a mode each setting of the spool would be one too many.
  .map((given) => ({ ...given, spool: given['spool'] ?? 'off' }));

const options = fc.oneof(
  garbage,
  nearlyRight,
  fc
    .tuple(
      fc.constantFrom(...optionNames, 'host'),
      fc.oneof(garbage, plausible),
    )
    .map(([name, value]) => ({ [name]: value })),
  fc.dictionary(fc.constantFrom<string>(...optionNames, 'host'), garbage),
);

const variables = fc.dictionary(
  fc.constantFrom(
    ...optionNames.flatMap((name) => {
      const { env, platform }: OptionRow<unknown> = optionsTable[name];
      return [...env, ...(platform?.names ?? [])];
    }),
  ),
  fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom('5', 'no')),
  { maxKeys: 2 },
);

function attempt(
  given: unknown,
  env: NodeJS.ProcessEnv,
): ResolvedOptions | Error {
  try {
    return resolveOptions(untyped(given), env);
  } catch (error) {
    return error as Error;
  }
}

describe('resolveOptions, for any object and any variables', () => {
  it('resolves to valid values or throws an error with a line a problem', () => {
    const outcomes = { resolved: 0, refused: 0 };
    fc.assert(
      fc.property(options, harm, variables, (given, how, env) => {
        const outcome = attempt(harmed(given, how), env);
        if (outcome instanceof Error) {
          outcomes.refused++;
          expect(outcome).toBeInstanceOf(LangfuseOptionsError);
          const { message, problems } = outcome as LangfuseOptionsError;
          expect(problems.length).toBeGreaterThan(0);
          expect(message.split('\n')).toHaveLength(1 + problems.length);
          return;
        }
        outcomes.resolved++;
        const { tracing, spooling, ...values } = outcome;
        expect(typeof tracing.on).toBe('boolean');
        expect(['off', 'overflow', 'event']).toContain(spooling.mode);
        for (const [name, value] of Object.entries(values)) {
          const row = optionsTable[name as keyof typeof values];
          const checked = row.check(value);
          if (value !== undefined) {
            expect(checked).toEqual({ ok: true, value });
          }
        }
        expect(outcome.flushAt).toBeLessThanOrEqual(outcome.maxQueueSize);
        expect(outcome.maxBatchBytes).toBeLessThanOrEqual(
          outcome.maxQueueBytes,
        );
      }),
      { numRuns: 2000 },
    );
    expect(outcomes.resolved).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  it('never shows a key', () => {
    const secret = fc.stringMatching(/^[#-~]{12,20}$/);
    fc.assert(
      fc.property(secret, options, (text, given) => {
        const outcome = attempt(given, {
          LANGFUSE_SECRET_KEY: `${text} `.repeat(2),
          LANGFUSE_FLUSH_AT: '0',
        });
        if (outcome instanceof Error) {
          expect(outcome.message).not.toContain(text);
        }
      }),
    );
  });
});
