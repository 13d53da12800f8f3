import { expect, it } from 'vitest';
import { ChildApplication } from '../support/child-application.js';

it.each(['close', 'forget'])(
  'a process that is to %s the application ends by itself',
  async (end) => {
    const fixture = new URL('./fixtures/spec.mjs', import.meta.url);
    const child = new ChildApplication(fixture, [end], {});
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(child.output).toBe(
      "LangfuseTesting.waitFor('nothing'): nothing fitted within 50 ms. " +
        'Recorded so far:\nGreeter.greet (span)\n',
    );
  },
);
