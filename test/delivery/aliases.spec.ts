/** The names under which other packages of Langfuse flush and shut down. */
import { describe, expect, it } from 'vitest';
import { LangfuseQueue, LangfuseService } from '../../lib/index.js';
import { startReceiver, startSendingTo } from '../support/application.js';

describe.each([
  ['LangfuseService', LangfuseService],
  ['LangfuseQueue', LangfuseQueue],
] as const)('%s', (_, token) => {
  async function start() {
    const server = await startReceiver();
    const { app, langfuse } = await startSendingTo(server);
    langfuse.startObservation('answer').end();
    const target: LangfuseService | LangfuseQueue = app.get(token);
    return { server, langfuse, target };
  }

  it('flushAsync() is flush()', async () => {
    const { server, target } = await start();
    expect(await target.flushAsync()).toMatchObject({ delivered: 1 });
    expect(server.observations()).toHaveLength(1);
  });

  it('forceFlush() resolves to nothing when all is delivered', async () => {
    const { server, target } = await start();
    expect(await target.forceFlush()).toBeUndefined();
    expect(server.observations()).toHaveLength(1);
  });

  it('shutdownAsync() is shutdown()', async () => {
    const { server, langfuse, target } = await start();
    const result = await target.shutdownAsync();
    expect(result).toMatchObject({ delivered: 1, pending: 0 });
    langfuse.startObservation('too late').end();
    await langfuse.flush();
    expect(server.observations()).toHaveLength(1);
  });
});
