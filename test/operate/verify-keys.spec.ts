/** The line of `verifyOnBoot`: whether keys and server belong together. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { LangfuseTransport } from '../../lib/deliver/index.js';
import type { LangfuseModuleOptions } from '../../lib/index.js';
import { type CloudRegion, verifyKeys } from '../../lib/operate/verify-keys.js';
import { systemClock } from '../../lib/queue/index.js';
import {
  PUBLIC_KEY,
  record,
  SECRET_KEY,
  startSendingTo,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import {
  answer,
  closedPort,
  RecordingServer,
  type Respond,
  stayMute,
} from '../support/recording-server.js';

beforeEach(() => langfuseEnvironment());

const PROJECT = { data: [{ id: 'p-1', name: 'chat' }] };
const KNOWN = answer(200, {}, PROJECT);
const UNKNOWN = answer(401, {}, { message: 'Invalid credentials' });

/** Starts the application and waits for the line. */
async function startVerifying(
  respond: Respond,
  options: LangfuseModuleOptions = {},
) {
  const server = await RecordingServer.start(respond);
  const given = { verifyOnBoot: true, ...options };
  const application = await startSendingTo(server, given);
  const { log } = application;
  await vi.waitUntil(() => log.lines.length > 0, { interval: 5 });
  return { ...application, server };
}

describe('verifyOnBoot', () => {
  it('says whose keys these are', async () => {
    const { log, server } = await startVerifying(KNOWN);
    expect(log.lines).toEqual([
      `log: The keys are right: Langfuse at ${server.url} takes them for the project 'chat' (p-1).`,
    ]);
    expect(server.requests).toMatchObject([
      { method: 'GET', path: '/api/public/projects' },
    ]);
  });

  it('says that a server of your own does not know them', async () => {
    const { log, server } = await startVerifying(UNKNOWN);
    expect(log.lines).toEqual([
      `error: Langfuse at ${server.url} does not know the keys: check publicKey ` +
        'and secretKey, and whether baseUrl is the server that they were made on.',
    ]);
  });

  it.each<[string, Respond, string]>([
    [
      'a web page',
      answer(200, { 'content-type': 'text/html' }),
      'HTTP 200 with a web page: check baseUrl.',
    ],
    ['another API', answer(200, {}, { ok: true }), 'it names no project'],
    ['a key of an organization', answer(403), 'HTTP 403'],
    ['another path', answer(404), 'HTTP 404: check baseUrl'],
    ['an error', answer(500), 'HTTP 500.'],
    [
      'a refusal without a reason',
      answer(400, {}, { error: 'no' }),
      'HTTP 400',
    ],
  ])('says why there is no answer to it: %s', async (_, respond, cause) => {
    const { log, server } = await startVerifying(respond);
    expect(log.lines).toEqual([
      expect.stringContaining(
        `error: Langfuse at ${server.url} did not say whether the keys are right: ${cause}`,
      ),
    ]);
  });

  it('says why the server is not reached', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const { log } = await startSendingTo({ url }, { verifyOnBoot: true });
    await vi.waitUntil(() => log.lines.length > 0, { interval: 5 });
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^error: .* whether the keys are right: ECONNREFUSED/,
      ),
    ]);
  });

  it('does not hold the start or the end up', async () => {
    const server = await RecordingServer.start(stayMute);
    const { app, log } = await startSendingTo(server, { verifyOnBoot: true });
    await server.received(1);
    const holding = process
      .getActiveResourcesInfo()
      .filter((resource) => resource === 'TCPSocketWrap');
    // The server's end of the connection alone; ours is let go.
    expect(holding).toHaveLength(1);
    await app.close();
    expect(log.lines).toEqual([]);
  });

  it('is set by LANGFUSE_VERIFY_ON_BOOT', async () => {
    langfuseEnvironment({ LANGFUSE_VERIFY_ON_BOOT: 'true' });
    const { log } = await startVerifying(KNOWN, { verifyOnBoot: undefined });
    expect(log.lines).toHaveLength(1);
  });

  it.each([{}, { verifyOnBoot: true, enabled: false }])(
    'asks nothing with %j',
    async (options) => {
      const server = await RecordingServer.start(KNOWN);
      const { langfuse, log } = await startSendingTo(server, options);
      record(langfuse, 1);
      await langfuse.flush();
      expect(server.requests).not.toContainEqual(
        expect.objectContaining({ method: 'GET' }),
      );
      expect(log.lines).toEqual([]);
    },
  );
});

/** A region of each answer, and what is said of keys that are meant for the first. */
async function startRegions(answers: Readonly<Record<string, Respond>>) {
  const servers = new Map<string, RecordingServer>();
  for (const [name, respond] of Object.entries(answers)) {
    servers.set(name, await RecordingServer.start(respond));
  }
  const regions: CloudRegion[] = [...servers].map(([name, { url }]) => ({
    name,
    baseUrl: url,
  }));
  const [{ baseUrl } = { baseUrl: '' }] = regions;
  const transport = new LangfuseTransport(
    {
      timeoutMs: 5_000,
      credentials: () => ({
        ok: true,
        publicKey: PUBLIC_KEY,
        secretKey: SECRET_KEY,
      }),
      destination: {
        baseUrl,
        compression: 'gzip',
        additionalHeaders: { 'x-team': 'search' },
        sdkName: 'test',
        sdkVersion: '1.0.0',
        resource: new Map(),
      },
    },
    { clock: systemClock, random: Math.random },
  );
  onTestFinished(() => transport.close());
  const lines: string[] = [];
  const verification = {
    baseUrl,
    regions,
    askProject: (otherUrl?: string) => transport.askProject(otherUrl),
    logger: {
      log: (message: string) => void lines.push(`log: ${message}`),
      error: (message: string) => void lines.push(`error: ${message}`),
    },
  };
  const urlOf = (name: string) => servers.get(name)!.url;
  return { lines, servers, transport, urlOf, verification };
}

describe('keys that a region of Langfuse Cloud does not know', () => {
  it('are told to be of another region', async () => {
    const { lines, urlOf, verification } = await startRegions({
      EU: UNKNOWN,
      US: UNKNOWN,
      Japan: KNOWN,
      HIPAA: answer(503),
    });
    await verifyKeys(verification);
    expect(lines).toEqual([
      `error: Langfuse at ${urlOf('EU')} does not know the keys: they are of the ` +
        `region Japan. Set baseUrl (LANGFUSE_BASE_URL) to ${urlOf('Japan')}.`,
    ]);
  });

  it('are sent there, and no header that was meant for the first', async () => {
    const { servers, verification } = await startRegions({
      EU: UNKNOWN,
      US: KNOWN,
    });
    await verifyKeys(verification);
    const sent = [...servers.values()].map(({ requests }) =>
      requests.map(({ path, headers }) => ({
        path,
        key: headers['x-langfuse-public-key'],
        team: headers['x-team'],
      })),
    );
    const path = '/api/public/projects';
    expect(sent).toEqual([
      [{ path, key: PUBLIC_KEY, team: 'search' }],
      [{ path, key: PUBLIC_KEY, team: undefined }],
    ]);
  });

  it('are told to be wrong when no region knows them', async () => {
    const { lines, urlOf, verification } = await startRegions({
      EU: UNKNOWN,
      US: UNKNOWN,
      Japan: UNKNOWN,
    });
    await verifyKeys(verification);
    expect(lines).toEqual([
      `error: Langfuse at ${urlOf('EU')} does not know the keys, nor does another ` +
        'region of Langfuse Cloud: check publicKey and secretKey ' +
        '(LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY).',
    ]);
  });

  it('leave open whether a region knows them that did not answer', async () => {
    const { lines, verification } = await startRegions({
      EU: UNKNOWN,
      US: answer(503),
      Japan: UNKNOWN,
      HIPAA: answer(429),
    });
    await verifyKeys(verification);
    expect(lines).toEqual([
      expect.stringContaining(
        'of Langfuse Cloud (no answer from US, HIPAA): check publicKey',
      ),
    ]);
  });

  it('are asked of nobody when they are right', async () => {
    const { lines, servers, verification } = await startRegions({
      EU: KNOWN,
      US: UNKNOWN,
    });
    await verifyKeys(verification);
    expect(lines).toEqual([expect.stringContaining("'chat' (p-1)")]);
    expect(servers.get('US')!.connections).toBe(0);
  });

  it('are told nothing of when the application ends meanwhile', async () => {
    const { lines, servers, transport, verification } = await startRegions({
      EU: UNKNOWN,
      US: stayMute,
    });
    const verified = verifyKeys(verification);
    await servers.get('US')!.received(1);
    transport.close();
    await verified;
    expect(lines).toEqual([]);
  });

  it('do no harm with a logger that throws', async () => {
    const { verification } = await startRegions({ EU: UNKNOWN });
    const fail = () => {
      throw new Error('the disk is full');
    };
    const logger = { log: fail, error: fail };
    await expect(verifyKeys({ ...verification, logger })).resolves.toBe(
      undefined,
    );
  });
});
