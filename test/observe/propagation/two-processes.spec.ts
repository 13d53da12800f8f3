/** One trace over two processes: services over HTTP, a producer and a worker. */
import { describe, expect, it } from 'vitest';
import type { LangfuseLocalServer } from '../../../lib/local/index.js';
import {
  PUBLIC_KEY,
  SECRET_KEY,
  startReceiver,
} from '../../support/application.js';
import { ChildApplication } from '../../support/child-application.js';

function start(
  fixture: string,
  args: readonly string[],
  local: LangfuseLocalServer,
): ChildApplication {
  return new ChildApplication(
    new URL(`fixtures/${fixture}`, import.meta.url),
    args,
    {
      LANGFUSE_BASE_URL: local.url,
      LANGFUSE_PUBLIC_KEY: PUBLIC_KEY,
      LANGFUSE_SECRET_KEY: SECRET_KEY,
      LANGFUSE_FLUSH_AT: '1',
    },
  );
}

async function addressOf(child: ChildApplication): Promise<string> {
  const [, url] = await child.printed(/listening on (\S+)\n/);
  return url!;
}

/** Name, parent's name, user and session of each observation. */
function linesOf(local: LangfuseLocalServer, traceId: string): unknown[] {
  const all = local.observations({ traceId });
  const nameOf = new Map(all.map(({ id, name }) => [id, name]));
  return all
    .map(({ name, parentObservationId: parent, userId, sessionId }) => [
      name,
      parent && nameOf.get(parent),
      userId,
      sessionId,
    ])
    .toSorted();
}

describe('one trace', () => {
  it('over two services', async () => {
    const local = await startReceiver();
    const back = start('service.mjs', ['back'], local);
    const front = start('service.mjs', ['front', await addressOf(back)], local);
    const response = await fetch(`${await addressOf(front)}/ask`, {
      // Nobody trusts what comes from outside.
      headers: { baggage: 'langfuse_user_id=mallory' },
    });
    expect(await response.text()).toBe('answer');
    await local.waitFor(() => local.stats().observations >= 5);
    const [root] = local.observations({ name: 'GET /ask' });
    expect(linesOf(local, root!.traceId)).toEqual([
      ['GET /answer', 'call', 'ada', 's1'],
      ['GET /ask', null, 'ada', 's1'],
      ['call', 'GET /ask', 'ada', 's1'],
      ['think', 'GET /answer', 'ada', 's1'],
      ['thought', 'think', 'ada', 's1'],
    ]);
    const [answer] = local.observations({ name: 'GET /answer' });
    expect(answer).toMatchObject({
      environment: 'back',
      traceName: 'GET /ask',
      isRootObservation: true,
    });
  });

  it('over a queue', async () => {
    const local = await startReceiver();
    const producer = start('worker.mjs', ['produce'], local);
    expect(await producer.ended).toEqual({ code: 0, signal: null });
    const jobs = producer.output.trim().split('\n');
    expect(jobs).toHaveLength(3);
    const worker = start('worker.mjs', ['work'], local);
    for (const job of [...jobs, 'end']) worker.tell(job);
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(worker.output).toBe('');
    const roots = local.observations({ name: 'order' });
    expect(roots).toHaveLength(3);
    for (const { traceId, input } of roots) {
      const user = `user-${input as string}`;
      expect(linesOf(local, traceId)).toEqual([
        ['enqueue', 'order', user, null],
        ['handle', 'enqueue', user, null],
        ['order', null, user, null],
        ['save', 'handle', user, null],
      ]);
    }
  });
});
