import { describe, expect, it } from 'vitest';
import { refusalOf } from './refusal.js';

/** Everything that a log line or an error report may show of an error. */
function shown(given: unknown, env: NodeJS.ProcessEnv = {}): string {
  const error = refusalOf(given, env);
  return error.message + error.stack + JSON.stringify(error);
}

describe('errors of options do not show', () => {
  it.each(['publicKey', 'secretKey'])('%s', (name) => {
    const values = ['hunter two', ['hunter'], { hunter: 2 }, Symbol('hunter')];
    for (const value of values) {
      expect(shown({ [name]: value })).not.toContain('hunter');
    }
  });

  it('keys in variables', () => {
    const text = shown(
      {},
      {
        LANGFUSE_PUBLIC_KEY: 'hunter one',
        LANGFUSE_SECRET_KEY: 'hunter two',
      },
    );
    expect(text).not.toContain('hunter');
    expect(text).toContain('secretKey (LANGFUSE_SECRET_KEY): a string is not');
  });

  it('keys that were swapped', () => {
    const text = shown({
      publicKey: 'sk-lf-hunter',
      secretKey: 'pk-lf-hunter',
    });
    expect(text).not.toContain('hunter');
  });

  it('a secret key that strayed into another option, variable or name', () => {
    const text = shown(
      {
        environment: 'SK-LF-hunter',
        baseUrl: 'sk-lf-hunter',
        'sk-lf-hunter': true,
        additionalHeaders: { 'sk-lf-hunter()': 'a' },
      },
      { LANGFUSE_FLUSH_AT: 'key=sk-lf-hunter' },
    );
    expect(text).not.toContain('hunter');
  });

  it.each([
    'https://me:hunter@langfuse.example',
    'https://me:hun/ter@langfuse.example',
    'https://me:hunter@two@langfuse.example',
    'https:\\\\me:hunter@langfuse.example',
    'ftp://hunter@langfuse.example',
    'me:hunter@langfuse.example',
    'https://langfuse.example?token=hunter',
    'https://langfuse.example?token=a@hunter',
    'https://langfuse.example#hunter',
  ])('a password or token in baseUrl: %s', (baseUrl) => {
    const text = shown({ baseUrl });
    expect(text).not.toMatch(/hun\/?ter/);
    expect(text).toMatch(/baseUrl: ".*\*\*\*/);
  });

  it('values of headers', () => {
    const additionalHeaders = {
      authorization: 'hunter',
      'x-a': 'hunter\n',
      'x-b': ['hunter'],
    };
    expect(shown({ additionalHeaders })).not.toContain('hunter');
  });

  it('values of unknown options', () => {
    expect(shown({ apiSecret: 'hunter' })).not.toContain('hunter');
  });

  it('what is inside objects', () => {
    const given = { flushAt: { hunter: 1 }, compression: ['hunter'] };
    expect(shown(given)).not.toContain('hunter');
  });
});
