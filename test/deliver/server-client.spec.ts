import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../lib/deliver/http-client.js';
import {
  ServerClient,
  type ServerClientSettings,
} from '../../lib/deliver/server-client.js';
import { FakeClock } from '../support/fake-clock.js';
import {
  answer,
  failure,
  inTurn,
  ScriptedHttp,
  SETTINGS,
} from './scripted-http.js';

const never = new AbortController().signal;
const always = () => true;
const STALE = { onStaleConnection: true, mayHaveArrived: true };

function setUp(
  results: readonly HttpResult[],
  settings: Partial<ServerClientSettings> = {},
) {
  const http = new ScriptedHttp(inTurn(...results));
  const clock = new FakeClock();
  const client = new ServerClient({ ...SETTINGS, ...settings }, http, clock);
  const send = async (mayGoOn = always) => {
    const record = {
      lane: 'spans',
      id: 'a',
      bytes: new Uint8Array(1),
    } as const;
    const request = await client.build('spans', [record, record, record]);
    return client.sendRecords(request, 3, mayGoOn, never);
  };
  return { http, client, send };
}

describe('a request', () => {
  it('has the keys, whatever other headers there are', async () => {
    const { http, client, send } = setUp([answer(200)]);
    await send();
    await client.fetchProjectId(never);
    const basic = Buffer.from('pk-lf-1:sk-lf-1').toString('base64');
    for (const { headers } of http.sent) {
      expect(headers).toMatchObject({
        authorization: `Basic ${basic}`,
        'x-langfuse-public-key': 'pk-lf-1',
        'x-team': 'search',
      });
    }
  });

  it('with data is in the background, one that somebody asks is not', async () => {
    const { http, client, send } = setUp([answer(200, '{}')]);
    await send();
    await client.fetchProjectId(never);
    expect(http.sent.map(({ options }) => options)).toEqual([
      { timeoutMs: 3_000, signal: never, inBackground: true },
      { timeoutMs: 3_000, signal: never, inBackground: false },
    ]);
  });

  it('without keys is not sent, and says what is wrong with them', async () => {
    const { http, send } = setUp([answer(200)], {
      credentials: () => ({ ok: false, problem: 'the vault is sealed' }),
    });
    expect(await send()).toEqual({
      kind: 'config',
      cause: 'no credentials: the vault is sealed',
      concerns: 'destination',
    });
    expect(http.sent).toEqual([]);
  });

  it('on a stale connection is sent again, once, and counted', async () => {
    const stale = failure('ECONNRESET', STALE);
    const { client, http, send } = setUp([stale, answer(200), stale]);
    expect(await send()).toMatchObject({ kind: 'ok' });
    expect(client.counts).toEqual({
      requests: 2,
      retries: 1,
      resentAfterUnknown: 3,
    });
    expect(await send()).toMatchObject({ kind: 'destination' });
    expect(http.sent).toHaveLength(4);
  });

  it('on a stale connection cannot arrive twice if it was not sent whole', async () => {
    const stale = failure('EPIPE', { onStaleConnection: true });
    const { client, send } = setUp([stale, answer(200)]);
    await send();
    expect(client.counts).toMatchObject({ retries: 1, resentAfterUnknown: 0 });
  });

  it('on a stale connection is not sent again when nothing may be sent', async () => {
    const { client, send } = setUp([failure('ECONNRESET', STALE), answer(200)]);
    expect(await send(() => false)).toMatchObject({ kind: 'destination' });
    expect(client.counts).toEqual({
      requests: 1,
      retries: 0,
      resentAfterUnknown: 0,
    });
  });

  it('that fails otherwise is not sent again here', async () => {
    const { http, send } = setUp([failure('ECONNRESET'), answer(200)]);
    expect(await send()).toMatchObject({ kind: 'destination' });
    expect(http.sent).toHaveLength(1);
  });
});

describe('a probe', () => {
  it('reads the keys anew, for itself and all that follows', async () => {
    let reads = 0;
    const { http, client, send } = setUp([answer(200)], {
      credentials: () => {
        reads += 1;
        return { ok: true, publicKey: `pk-${reads}`, secretKey: 's' };
      },
    });
    await send();
    await client.probe('scores', always, never);
    await send();
    const keys = http.sent.map(
      ({ headers }) => headers['x-langfuse-public-key'],
    );
    expect(keys).toEqual(['pk-1', 'pk-2', 'pk-2']);
  });

  it('on a stale connection is sent again, and counts no record twice', async () => {
    const { client, http } = setUp([failure('EPIPE', STALE), answer(200)]);
    expect(await client.probe('spans', always, never)).toMatchObject({
      kind: 'ok',
    });
    expect(http.sent).toHaveLength(2);
    expect(client.counts.resentAfterUnknown).toBe(0);
  });

  it('on a stale connection is not sent again when nobody wants to know', async () => {
    const { client, http } = setUp([failure('EPIPE', STALE), answer(200)]);
    await client.probe('spans', () => false, never);
    expect(http.sent).toHaveLength(1);
  });

  it('is not sent after a shutdown', async () => {
    const { client, http } = setUp([answer(200)]);
    expect(await client.probe('spans', always, AbortSignal.abort())).toEqual({
      kind: 'aborted',
    });
    expect(http.sent).toEqual([]);
  });
});

describe('the project of the keys', () => {
  it('is asked for once', async () => {
    const { client, http } = setUp([answer(200, '{"data":[{"id":"p-1"}]}')]);
    expect(await client.fetchProjectId(never)).toBe('p-1');
    expect(await client.fetchProjectId(never)).toBe('p-1');
    expect(http.sent).toMatchObject([
      {
        method: 'GET',
        url: new URL('http://langfuse.test/base/api/public/projects'),
        body: [],
      },
    ]);
  });

  it.each([
    answer(200, '{"data":[{"id":7}]}'),
    answer(200, '{"data":[]}'),
    answer(200, '{}'),
    answer(200, 'null'),
    answer(200, 'ok'),
    answer(401),
    failure('ECONNREFUSED'),
  ])('is unknown when the server does not say: %j', async (result) => {
    const given = answer(200, '{"data":[{"id":"p-1"}]}');
    const { client } = setUp([result, given]);
    expect(await client.fetchProjectId(never)).toBeUndefined();
    expect(await client.fetchProjectId(never)).toBe('p-1');
  });
});

describe('when it is closed', () => {
  it('closes its connections', () => {
    const { client, http } = setUp([]);
    client.close();
    expect(http.isClosed).toBe(true);
  });
});
