import { describe, expect, it } from 'vitest';
import { Gate, type Pass } from '../../lib/deliver/gate.js';
import type { DestinationState } from '../../lib/queue/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';

const never = new AbortController().signal;
const failure = {
  kind: 'destination',
  endpoint: 'http://127.0.0.1/',
  cause: 'HTTP 503',
} as const;

function setUp(random = () => 0.5) {
  const clock = new FakeClock();
  const gate = new Gate(clock, random);
  const states: DestinationState['status'][] = [];
  gate.state$.subscribe(({ status }) => states.push(status));
  const waiting = (signal = never) => {
    const waiter: { pass?: Pass | undefined; isDone: boolean } = {
      isDone: false,
    };
    void gate.pass(signal).then((pass) => {
      waiter.pass = pass;
      waiter.isDone = true;
    });
    return waiter;
  };
  return { clock, gate, states, waiting };
}

async function passOf(gate: Gate): Promise<Pass> {
  const pass = await gate.pass(never);
  if (!pass) throw new Error('the gate gave no pass');
  return pass;
}

describe('Gate', () => {
  it('lets all pass while the destination answers', async () => {
    const { gate, states } = setUp();
    const passes = await Promise.all([passOf(gate), passOf(gate)]);
    for (const pass of passes) pass.succeeded();
    expect(gate.isFree).toBe(true);
    expect(states).toEqual([]);
  });

  it('blocks all after a failure, then lets a single one try', async () => {
    const { clock, gate, states, waiting } = setUp();
    (await passOf(gate)).failed(failure);
    expect(gate.isFree).toBe(false);
    const [first, second] = [waiting(), waiting()];
    await clock.advance(249);
    expect([first.isDone, second.isDone]).toEqual([false, false]);
    await clock.advance(1);
    expect([first.isDone, second.isDone]).toEqual([true, false]);
    first.pass?.succeeded();
    await settled();
    expect(second.isDone).toBe(true);
    expect(gate.isFree).toBe(true);
    expect(states).toEqual(['failing', 'ready']);
  });

  it('doubles the ceiling of the back-off up to 30 s, with full jitter', async () => {
    const { clock, gate } = setUp(() => 1);
    const delays: number[] = [];
    let pass = await passOf(gate);
    for (let attempt = 0; attempt < 9; attempt++) {
      pass.failed(failure);
      const delay = clock.armed[0]!.inMs;
      delays.push(delay);
      await clock.advance(delay);
      pass = await passOf(gate);
    }
    expect(delays).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('starts over with the back-off after a success', async () => {
    const { clock, gate } = setUp(() => 1);
    (await passOf(gate)).failed(failure);
    await clock.advance(500);
    (await passOf(gate)).failed(failure);
    await clock.advance(1_000);
    (await passOf(gate)).succeeded();
    (await passOf(gate)).failed(failure);
    expect(clock.armed[0]?.inMs).toBe(500);
  });

  it('waits at least as long as the server asks, and jitters after that', async () => {
    const { clock, gate } = setUp(() => 0);
    (await passOf(gate)).failed({ ...failure, retryAfterMs: 7_000 });
    expect(clock.armed[0]?.inMs).toBe(7_000);
    const jittered = setUp(() => 1);
    (await passOf(jittered.gate)).failed({ ...failure, retryAfterMs: 7_000 });
    expect(jittered.clock.armed[0]?.inMs).toBe(7_500);
  });

  it('counts requests that fail together as one failure', async () => {
    const { clock, gate, states } = setUp(() => 1);
    const passes = await Promise.all([1, 2, 3, 4].map(() => passOf(gate)));
    for (const pass of passes) pass.failed(failure);
    expect(clock.armed).toHaveLength(1);
    expect(states).toEqual(['failing']);
  });

  it('is not opened by the late success of a request from before the failure', async () => {
    const { gate } = setUp();
    const [late, failing] = [await passOf(gate), await passOf(gate)];
    failing.failed(failure);
    late.succeeded();
    expect(gate.isFree).toBe(false);
  });

  it('holds for long when a person has to change something', async () => {
    const { clock, gate } = setUp(() => 1);
    (await passOf(gate)).failed({ ...failure, kind: 'config' });
    expect(clock.armed[0]?.inMs).toBe(30_000);
  });

  it('gives no pass to who aborts, and the try to the next', async () => {
    const { clock, gate, waiting } = setUp();
    (await passOf(gate)).failed(failure);
    const abort = new AbortController();
    const [first, second] = [waiting(abort.signal), waiting()];
    abort.abort();
    await clock.advance(250);
    expect(first).toEqual({ isDone: true, pass: undefined });
    expect(second.pass).toBeDefined();
  });

  it('passes an abandoned try on', async () => {
    const { clock, gate, waiting } = setUp();
    (await passOf(gate)).failed(failure);
    const [first, second] = [waiting(), waiting()];
    await clock.advance(250);
    first.pass?.abandoned();
    await settled();
    expect(second.isDone).toBe(true);
  });

  it('lets the next comer try when nobody waited for the back-off', async () => {
    const { clock, gate, states } = setUp();
    (await passOf(gate)).failed(failure);
    await clock.advance(250);
    expect(gate.isFree).toBe(true);
    (await passOf(gate)).failed(failure);
    expect(states).toEqual(['failing', 'ready', 'failing']);
  });

  it('keeps no timer that would hold the process', async () => {
    const { clock, gate } = setUp();
    (await passOf(gate)).failed(failure);
    expect(clock.armed.map(({ holds }) => holds)).toEqual([false]);
  });
});
