import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactSecrets, type RedactSecretsOptions } from '../../lib/index.js';

const attribute = 'langfuse.observation.input';

function redact(data: string, options?: RedactSecretsOptions): string {
  return redactSecrets(options)({ data, attribute });
}

const KEY = '[redacted key]';
const EMAIL = '[redacted email]';
const CARD = '[redacted card number]';
const JWT = '[redacted JSON Web Token]';

const EXAMPLE_JWT =
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r';

const SECRETS: readonly (readonly [string, string])[] = [
  ['sk-proj-abcdefghijklmnopqrstuvwxyz', KEY],
  ['sk-ant-api03-abcdefghijklmnop', KEY],
  ['sk-lf-01234567-89ab-cdef-0123-456789abcdef', KEY],
  ['pk-lf-01234567-89ab-cdef-0123-456789abcdef', KEY],
  ['AKIAIOSFODNN7EXAMPLE', KEY],
  ['ASIAIOSFODNN7EXAMPLE', KEY],
  ['ghp_0123456789abcdefghijklmnopqrstuvwxyz', KEY],
  ['github_pat_11ABCDEFG0123456789_abcdef', KEY],
  ['glpat-0123456789abcdefghij', KEY],
  ['xoxb-123456789012-abcdef', KEY],
  ['AIzaSyA0123456789abcdefghijklmnopqrstuv', KEY],
  ['hf_abcdefghijklmnopqrstuvwxyzABCDEF', KEY],
  ['npm_0123456789abcdefghijklmnopqrstuvwxyz', KEY],
  ['sk_live_0123456789abcdefghij', KEY],
  [EXAMPLE_JWT, JWT],
  ['Bearer 0123456789abcdef0123', 'Bearer [redacted bearer token]'],
  ['bearer abc.def~ghi+jkl/mno==', 'bearer [redacted bearer token]'],
  ['ann@example.com', EMAIL],
  ['ann.o+tag@mail.example.co.uk', EMAIL],
  ['jürgen@müller.de', EMAIL],
  ['4111111111111111', CARD],
  ['4111 1111 1111 1111', CARD],
  ['4111-1111-1111-1111', CARD],
  ['378282246310005', CARD],
  ['5555555555554444', CARD],
  ['6011 1111 1111 1117', CARD],
];

const HARMLESS: readonly string[] = [
  'a task-management-and-planning tool for risk-assessment-of-things',
  'sk-short',
  'the bearer of this letter',
  'me @home, 5@6, a@b',
  '@decorator() and @scope/package',
  '4111111111111112',
  '1700000000000',
  '1700000000000000000',
  '0.4111111111111111',
  '41111111111111111111111111',
  '550e8400-e29b-41d4-a716-446655440000',
  '0af7651916cd43dd8448eb211c80319c',
  'eyJ is how they begin',
];

describe('redactSecrets()', () => {
  it.each(SECRETS)('replaces %s', (secret, mark) => {
    expect(redact(secret)).toBe(mark);
    expect(redact(`It is ${secret}, or (${secret}).`)).toBe(
      `It is ${mark}, or (${mark}).`,
    );
  });

  it.each(SECRETS)(
    'replaces %s wherever it is in JSON text',
    (secret, mark) => {
      const value = {
        [secret]: secret,
        lines: [`one\n${secret}\ttwo`, `\u0001${secret}\\${secret}"${secret}"`],
      };
      const redacted = redact(JSON.stringify(value));
      expect(redacted).not.toContain(secret);
      expect(JSON.parse(redacted)).toMatchObject({
        [mark]: mark,
        lines: [`one\n${mark}\ttwo`, expect.stringContaining(`"${mark}"`)],
      });
    },
  );

  it.each(HARMLESS)('leaves %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('leaves JSON as JSON where a card number stands as a number', () => {
    const text = JSON.stringify({ card: 4111111111111111, list: [1, 2] });
    expect(JSON.parse(redact(text))).toEqual({ card: CARD, list: [1, 2] });
    expect(redact('[-4111111111111111.5e3,0]')).toBe(`["${CARD}",0]`);
  });

  it('finds a card number between other numbers', () => {
    expect(redact('2 4111 1111 1111 1111 12/27 123')).toBe(
      `2 ${CARD} 12/27 123`,
    );
  });

  it('replaces private keys, also in JSON text', () => {
    const lines = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEow+/=', 'abc'];
    const key = [...lines, '-----END RSA PRIVATE KEY-----', ''].join('\n');
    const mark = '[redacted private key]';
    expect(redact(`a ${key}b`)).toBe(`a ${mark}\nb`);
    expect(JSON.parse(redact(JSON.stringify({ key })))).toEqual({
      key: `${mark}\n`,
    });
    expect(redact(`${lines.join('\n')}: cut`)).toBe(`${mark}: cut`);
  });

  it.each([
    ['keys', 'sk-proj-abcdefghijklmnopqrstuvwxyz'],
    ['bearerTokens', 'Bearer 0123456789abcdef0123'],
    ['emails', 'ann@example.com'],
    ['cardNumbers', '4111 1111 1111 1111'],
  ])('leaves %s when that is off, and then only these', (option, text) => {
    expect(redact(text, { [option]: false })).toBe(text);
    const others = SECRETS.filter(
      ([secret]) => redact(secret) !== redact(text),
    );
    for (const [secret] of others.filter(([, mark]) => mark !== KEY)) {
      const isOfOption = redact(secret, { [option]: false }) === secret;
      if (!isOfOption) expect(redact(secret)).not.toBe(secret);
    }
  });

  it('leaves any JSON text JSON', () => {
    const secret = fc.constantFrom(...SECRETS.map(([text]) => text));
    const text = fc
      .array(fc.oneof(fc.string({ unit: 'binary' }), secret))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'binary' }),
        text,
        (value, more) => {
          const json = JSON.stringify({ value, [more]: more });
          expect(() => JSON.parse(redact(json))).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });

  const MB = 1_000_000;
  it.each(
    [
      'a',
      'a@',
      'a.',
      '@',
      'a@a',
      'a@a.',
      'a@1.',
      'eyJ',
      '.eyJaaaaa',
      'eyJaaaaa.a',
      'sk-',
      'sk-sk-sk-sk-\n',
      '\\nsk-',
      '\\u0000eyJ',
      'gh',
      'AKIA',
      'bearer ',
      'Bearer\t',
      '1',
      '1 ',
      '4-',
      '411111111111111 ',
      '"4111111111111111"',
      '[',
      '\\',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----\\n',
      '-----BEGIN ',
    ].map((unit) => [unit]),
  )('takes no more steps for a megabyte of %j than for others', (unit) => {
    const text = unit.repeat(MB / unit.length);
    // A pattern that backtracks needs hours here, and the test would time out.
    expect(redact(text).length).toBeGreaterThan(0);
    expect(redact(`[${text}`).length).toBeGreaterThan(0);
  });
});
