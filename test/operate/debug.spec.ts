/** The lines of `debug`: what happens to batches, in counts. */
import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { LangfuseModule, type LangfuseModuleOptions } from '../../lib/index.js';
import {
  keysFor,
  PUBLIC_KEY,
  record,
  SECRET_KEY,
  startApplication,
  startSendingTo,
} from '../support/application.js';
import { langfuseEnvironment } from '../support/environment.js';
import {
  answer,
  inTurn,
  RecordingServer,
} from '../support/recording-server.js';

beforeEach(() => langfuseEnvironment());

const EMPTY = 'queued 0, in flight 0, bytes 0';

/** Times differ from run to run. */
function withoutTimes(lines: readonly string[]): string[] {
  return lines.map((line) => line.replaceAll(/\d+ ms/g, 'n ms'));
}

async function startDebugging(
  server: RecordingServer,
  options: LangfuseModuleOptions = {},
) {
  const application = await startSendingTo(server, { debug: true, ...options });
  const { log } = application;
  return { ...application, lines: () => withoutTimes(log.lines) };
}

describe('debug', () => {
  it('tells of batches, flushes and the shutdown', async () => {
    const server = await RecordingServer.start();
    const { app, langfuse, lines } = await startDebugging(server, {
      flushAt: 2,
      maxConcurrency: 1,
    });
    record(langfuse, 3);
    await langfuse.flush();
    record(langfuse, 1);
    await app.close();
    expect(lines()).toEqual([
      expect.stringMatching(
        /^log: debug: batch of spans: 2 delivered in n ms; queued 1, in flight 0, bytes \d{3,}, requests 1, retries 0$/,
      ),
      `log: debug: batch of spans: 1 delivered in n ms; ${EMPTY}, requests 2, retries 0`,
      `log: debug: flush: 3 delivered, 0 dropped, 0 pending in n ms; ${EMPTY}, requests 2, retries 0`,
      `log: debug: batch of spans: 1 delivered in n ms; ${EMPTY}, requests 3, retries 0`,
      `log: debug: flush: 1 delivered, 0 dropped, 0 pending in n ms; ${EMPTY}, requests 3, retries 0`,
      `log: debug: shutdown: 1 delivered, 0 dropped, 0 pending in n ms; ${EMPTY}, requests 3, retries 0`,
    ]);
  });

  it('tells of failures, retries and what is dropped', async () => {
    const respond = inTurn(answer(503), answer(400));
    const server = await RecordingServer.start(respond);
    const { langfuse, lines } = await startDebugging(server);
    record(langfuse, 1);
    await langfuse.flush();
    expect(lines().filter((line) => line.startsWith('log: debug: '))).toEqual([
      expect.stringMatching(
        /^log: debug: gate of destination: failing: HTTP 503; queued 0, in flight 1, bytes \d+, requests 1, retries 0$/,
      ),
      expect.stringMatching(/^log: debug: gate of destination: half-open; /),
      expect.stringMatching(
        /^log: debug: gate of destination: ready; .*, requests 4, retries 1$/,
      ),
      expect.stringMatching(
        /^log: debug: batch of spans: 1 dropped \(rejected\); queued 0, /,
      ),
      expect.stringMatching(
        /^log: debug: flush: 0 delivered, 1 dropped, 0 pending in n ms; /,
      ),
    ]);
  });

  it('tells of a flush that came to its deadline', async () => {
    const server = await RecordingServer.start(answer(401));
    const { langfuse, lines } = await startDebugging(server);
    record(langfuse, 2);
    await langfuse.flush({ timeoutMs: 50 });
    expect(lines().at(-1)).toMatch(
      /^log: debug: flush: 0 delivered, 0 dropped, 2 pending in n ms, timed out; queued 0, in flight 2, /,
    );
  });

  it('tells neither what is recorded nor the keys', async () => {
    const server = await RecordingServer.start();
    const { app, langfuse, log } = await startDebugging(server);
    record(langfuse, 1, 'the recorded value');
    await app.close();
    expect(log.lines.length).toBeGreaterThan(1);
    expect(log.text).not.toMatch(
      new RegExp(`recorded value|${PUBLIC_KEY}|${SECRET_KEY}`),
    );
  });

  it('is set by LANGFUSE_DEBUG, for each project, and is off otherwise', async () => {
    const server = await RecordingServer.start();
    const start = () =>
      startApplication({
        imports: [
          LangfuseModule.forRoot(keysFor(server)),
          LangfuseModule.forRoot({ name: 'billing', ...keysFor(server) }),
        ],
      });
    const silent = await start();
    await silent.app.close();
    expect(silent.log.lines).toEqual([]);
    langfuseEnvironment({ LANGFUSE_DEBUG: 'true' });
    const told = await start();
    await told.app.close();
    const contexts = told.log.all
      .filter(({ message }) => message.startsWith('debug: shutdown: '))
      .map(({ context }) => context);
    expect(contexts.toSorted()).toEqual([
      'LangfuseModule',
      'LangfuseModule:billing',
    ]);
  });

  it('does no harm with a logger that throws', async () => {
    const server = await RecordingServer.start();
    const { app, langfuse, queue } = await startDebugging(server);
    const spy = vi.spyOn(Logger.prototype, 'log').mockImplementation(() => {
      throw new Error('the disk is full');
    });
    onTestFinished(() => spy.mockRestore());
    record(langfuse, 1);
    await langfuse.flush();
    expect(spy).toHaveBeenCalled();
    expect(queue.stats()).toMatchObject({ delivered: 1 });
    // RxJS would report an error of a subscriber by a timer.
    await new Promise((resolve) => setTimeout(resolve));
    await app.close();
  });
});
