import { describe, expect, it } from 'vitest';
import { startReceiver } from '../support/application.js';
import { closedPort } from '../support/recording-server.js';
import { idsOf, startScript } from './children.js';

const ENDED_BY_ITSELF = { code: 0, signal: null };

describe('a standalone script', () => {
  it('that never closes its application delivers all when it ends', async () => {
    const receiver = await startReceiver();
    const script = startScript('just end', receiver);
    expect(await script.ended).toEqual(ENDED_BY_ITSELF);
    expect(new Set(idsOf(receiver, 'queued')).size).toBe(1_000);
    expect(receiver.observations({ name: 'open' })).toMatchObject([
      { level: 'WARNING', statusMessage: 'ended by application shutdown' },
    ]);
    expect(receiver.stats()).toMatchObject({
      observations: 1_001,
      duplicates: 0,
    });
  });

  it('ends by itself after delivery: no socket or timer holds it', async () => {
    const receiver = await startReceiver();
    const script = startScript('wait, then end', {
      url: receiver.url,
      env: { LANGFUSE_FLUSH_INTERVAL: '0.1' },
    });
    await receiver.waitFor(() => idsOf(receiver, 'queued').length === 1_000);
    script.tell('go on');
    expect(await script.ended).toEqual(ENDED_BY_ITSELF);
    expect(receiver.stats()).toMatchObject({ duplicates: 0 });
  });

  it('may close its application as often as it likes', async () => {
    const receiver = await startReceiver();
    const script = startScript('close twice', receiver);
    expect(await script.ended).toEqual(ENDED_BY_ITSELF);
    expect(script.output).toContain('at its end');
    expect(receiver.stats()).toMatchObject({
      observations: 1_001,
      duplicates: 0,
    });
  });

  it('that records after close() is told, and nothing is sent any more', async () => {
    const receiver = await startReceiver();
    const script = startScript('close and go on', receiver);
    expect(await script.ended).toEqual(ENDED_BY_ITSELF);
    expect(script.output).toMatch(
      /WARN \[LangfuseModule\] 1 record dropped: they came after shutdown/,
    );
    expect(receiver.observations({ name: 'too late' })).toEqual([]);
  });

  it('ends also while the receiver is down, and says what is lost', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const script = startScript('just end', { url, shutdownTimeoutMs: 300 });
    expect(await script.ended).toEqual(ENDED_BY_ITSELF);
    expect(script.output).toMatch(
      /WARN \[LangfuseModule\] Shut down with 0 records delivered and 1001 dropped \(shutdown_deadline: 1001\)\./,
    );
  });
});
