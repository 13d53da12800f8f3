import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  Credentials,
  type CredentialsReading,
} from '../../lib/deliver/credentials.js';
import { readCredentials } from '../../lib/options/index.js';
import { FakeClock } from '../support/fake-clock.js';

const TIMEOUT_MS = 1_000;
const NEVER = new Promise<never>(() => {});
const OPEN = new AbortController().signal;

/** Reads in turn what is given; the last again and again. */
function reading(
  ...turns: readonly (CredentialsReading | Promise<CredentialsReading>)[]
) {
  const left = [...turns];
  const clock = new FakeClock();
  let reads = 0;
  const read = () => {
    reads += 1;
    return (left.length > 1 ? left.shift() : left[0])!;
  };
  const credentials = new Credentials(read, clock, TIMEOUT_MS);
  return { credentials, clock, reads: () => reads };
}

const keys = (secretKey: string): CredentialsReading => ({
  ok: true,
  publicKey: 'pk-lf-1',
  secretKey,
});

const headers = (secretKey: string) => ({
  ok: true,
  headers: {
    authorization: `Basic ${Buffer.from(`pk-lf-1:${secretKey}`).toString('base64')}`,
    'x-langfuse-public-key': 'pk-lf-1',
  },
});

const problem = { ok: false, problem: 'the vault is sealed' } as const;

describe('the keys', () => {
  it('are read once, and again only on request', async () => {
    const { credentials, reads } = reading(keys('a'), keys('b'));
    expect(await credentials.current(OPEN)).toEqual(headers('a'));
    expect(await credentials.current(OPEN)).toEqual(headers('a'));
    expect(reads()).toBe(1);
    expect(await credentials.refresh(OPEN)).toEqual(headers('b'));
    expect(await credentials.current(OPEN)).toEqual(headers('b'));
  });

  it('stay in use while new ones cannot be read', async () => {
    const { credentials } = reading(keys('a'), problem);
    await credentials.current(OPEN);
    expect(await credentials.refresh(OPEN)).toEqual(headers('a'));
  });

  it('are asked for each time while there are none', async () => {
    const { credentials } = reading(problem, problem, keys('a'));
    expect(await credentials.current(OPEN)).toEqual(problem);
    expect(await credentials.current(OPEN)).toEqual(problem);
    expect(await credentials.current(OPEN)).toEqual(headers('a'));
  });

  it('that never come are missing after a while', async () => {
    const { credentials, clock } = reading(NEVER);
    const current = credentials.current(OPEN);
    await clock.advance(TIMEOUT_MS);
    expect(await current).toEqual({
      ok: false,
      problem: 'none came within 1000 ms',
    });
    expect(clock.armed).toEqual([]);
  });

  it('that never come hold up no shutdown', async () => {
    const { credentials, clock } = reading(NEVER);
    const closing = new AbortController();
    const current = credentials.current(closing.signal);
    closing.abort();
    expect(await current).toBeUndefined();
    expect(await credentials.current(closing.signal)).toBeUndefined();
    expect(clock.armed).toEqual([]);
  });

  it('that take their time hold neither the process nor a listener', async () => {
    let come: (reading: CredentialsReading) => void = () => undefined;
    const later = new Promise<CredentialsReading>((resolve) => {
      come = resolve;
    });
    const { credentials, clock } = reading(later);
    const { signal } = new AbortController();
    const current = credentials.current(signal);
    expect(clock.armed).toEqual([{ inMs: TIMEOUT_MS, holds: false }]);
    come(keys('a'));
    expect(await current).toEqual(headers('a'));
    expect(clock.armed).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('what the option credentials returns', () => {
  it.each([{ publicKey: 'pk-lf-1', secretKey: 'sk:lf' }])(
    'may be keys, at once or later: %j',
    async (given) => {
      const read = { ok: true, ...given };
      expect(await readCredentials(() => given)).toEqual(read);
      expect(await readCredentials(async () => given)).toEqual(read);
    },
  );

  it.each<[string, unknown]>([
    ['it returned undefined', undefined],
    ['it returned a string', 'sk-lf-hunter'],
    ['the publicKey it returned is no key', {}],
    ['the publicKey it returned is no key', { publicKey: 'a:b' }],
    ['the secretKey it returned is no key', { publicKey: 'a' }],
    [
      'the secretKey it returned is no key',
      { publicKey: 'a', secretKey: 'hunter\n' },
    ],
  ])('is a problem when %s', async (says, given) => {
    // @ts-expect-error An application in JavaScript can return anything.
    const read = await readCredentials(() => given);
    expect(read).toEqual({
      ok: false,
      problem: `the option credentials: ${says}`,
    });
  });

  it.each<[string, () => never]>([
    [
      'SyntaxError',
      () => {
        JSON.parse('sk-lf-hunter');
        throw new Error('unreachable');
      },
    ],
    [
      'a string',
      () => {
        // oxlint-disable-next-line no-throw-literal
        throw 'sk-lf-hunter';
      },
    ],
  ])('is named, not shown, when it throws %s', async (name, provider) => {
    expect(await readCredentials(provider)).toEqual({
      ok: false,
      problem: `the option credentials: it threw ${name}`,
    });
  });
});
