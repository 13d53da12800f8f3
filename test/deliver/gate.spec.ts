import { describe, expect, it } from 'vitest';
import { Gate, type GateFailure, type Pass } from '../../lib/deliver/gate.js';
import type { DestinationState } from '../../lib/queue/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';

const never = new AbortController().signal;
const failure = {
  kind: 'destination',
  endpoint: 'http://127.0.0.1/',
  cause: 'HTTP 503',
} as const;

/** @param probe what the probe finds; undefined: requests are taken */
function setUp(
  random = () => 1,
  probe: () => Promise<GateFailure | undefined> = async () => undefined,
) {
  const clock = new FakeClock();
  const probes = { sent: 0 };
  const gate = new Gate({
    concerns: 'destination',
    clock,
    random,
    probe: () => {
      probes.sent += 1;
      return probe();
    },
  });
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
  return { clock, gate, states, waiting, probes };
}

async function passOf(gate: Gate): Promise<Pass> {
  const pass = await gate.pass(never);
  if (!pass) throw new Error('the gate gave no pass');
  return pass;
}

describe('Gate', () => {
  it('lets all pass while the destination answers', async () => {
    const { gate, states, probes } = setUp();
    const passes = await Promise.all([passOf(gate), passOf(gate)]);
    for (const pass of passes) pass.succeeded();
    expect(gate.isFree).toBe(true);
    expect(states).toEqual([]);
    expect(probes.sent).toBe(0);
  });

  it('blocks all after a failure, then probes, then lets a single one try', async () => {
    const { clock, gate, states, waiting, probes } = setUp();
    (await passOf(gate)).failed(failure);
    expect(gate.isFree).toBe(false);
    const [first, second] = [waiting(), waiting()];
    await clock.advance(999);
    expect(probes.sent).toBe(0);
    await clock.advance(1);
    expect(probes.sent).toBe(1);
    expect([first.isDone, second.isDone]).toEqual([true, false]);
    first.pass?.succeeded();
    await settled();
    expect(second.isDone).toBe(true);
    expect(gate.isFree).toBe(true);
    expect(states).toEqual(['failing', 'half-open', 'ready']);
  });

  it('lets nobody try when the probe is refused', async () => {
    const { clock, gate, states, waiting, probes } = setUp(
      () => 1,
      async () => failure,
    );
    (await passOf(gate)).failed(failure);
    const waiter = waiting();
    await clock.advance(1_000);
    await clock.advance(2_000);
    expect(probes.sent).toBe(2);
    expect(waiter.isDone).toBe(false);
    expect(states.filter((state) => state === 'failing')).toHaveLength(3);
  });

  it('puts who fails again behind those who came meanwhile', async () => {
    const { clock, gate, waiting } = setUp();
    const unlucky = await passOf(gate);
    unlucky.failed(failure);
    const again = waiting();
    await clock.advance(1_000);
    expect(gate.isFree).toBe(true);
    const other = waiting();
    again.pass!.failed(failure);
    const third = waiting();
    await clock.advance(2_000);
    expect([other.isDone, third.isDone]).toEqual([true, false]);
  });

  it('goes on backing off when the probe passes and the data does not', async () => {
    const { clock, gate, waiting } = setUp();
    (await passOf(gate)).failed(failure);
    const delays: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const waiter = waiting();
      const delay = clock.armed[0]!.inMs;
      delays.push(delay);
      await clock.advance(delay);
      waiter.pass!.failed(failure);
    }
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('doubles the ceiling up to 30 s, and never waits less than half of it', async () => {
    for (const [random, share] of [
      [1, 1],
      [0, 0.5],
    ] as const) {
      const { clock, gate, waiting } = setUp(() => random);
      let pass: Pass = await passOf(gate);
      const delays: number[] = [];
      for (let attempt = 0; attempt < 8; attempt++) {
        pass.failed(failure);
        const waiter = waiting();
        const delay = clock.armed[0]!.inMs;
        delays.push(delay / share);
        await clock.advance(delay);
        pass = waiter.pass!;
      }
      expect(delays).toEqual([
        1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
      ]);
    }
  });

  it('starts over with the back-off after a success', async () => {
    const { clock, gate, waiting } = setUp();
    (await passOf(gate)).failed(failure);
    const waiter = waiting();
    await clock.advance(1_000);
    waiter.pass!.succeeded();
    (await passOf(gate)).failed(failure);
    expect(clock.armed[0]?.inMs).toBe(1_000);
  });

  it('waits for what the server asks, and backs off after that', async () => {
    const { clock, gate } = setUp(() => 0);
    (await passOf(gate)).failed({ ...failure, retryAfterMs: 7_000 });
    expect(clock.armed[0]?.inMs).toBe(7_500);
  });

  it('counts requests that fail together as one failure', async () => {
    const { clock, gate, states } = setUp();
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
    const { clock, gate } = setUp();
    (await passOf(gate)).failed({ ...failure, kind: 'config' });
    expect(clock.armed[0]?.inMs).toBe(30_000);
  });

  it('gives no pass to who aborts, and the try to the next', async () => {
    const { clock, gate, waiting } = setUp();
    (await passOf(gate)).failed(failure);
    const abort = new AbortController();
    const [first, second] = [waiting(abort.signal), waiting()];
    abort.abort();
    await clock.advance(1_000);
    expect(first).toEqual({ isDone: true, pass: undefined });
    expect(second.pass).toBeDefined();
  });

  it('passes an abandoned try on', async () => {
    const { clock, gate, waiting } = setUp();
    (await passOf(gate)).failed(failure);
    const [first, second] = [waiting(), waiting()];
    await clock.advance(1_000);
    first.pass?.abandoned();
    await settled();
    expect(second.isDone).toBe(true);
  });

  it('sends no probe while nobody waits, and one when somebody comes', async () => {
    const { clock, gate, states, probes } = setUp();
    (await passOf(gate)).failed(failure);
    await clock.advance(1_000);
    expect(gate.isFree).toBe(true);
    expect(probes.sent).toBe(0);
    (await passOf(gate)).succeeded();
    expect(probes.sent).toBe(1);
    expect(states).toEqual(['failing', 'half-open', 'ready']);
  });

  it('can be hastened, but not before the time that the server asked for', async () => {
    const { clock, gate, waiting, probes } = setUp();
    (await passOf(gate)).failed({ ...failure, retryAfterMs: 3_000 });
    const waiter = waiting();
    gate.hasten();
    await settled();
    expect(probes.sent).toBe(0);
    await clock.advance(3_000);
    gate.hasten();
    await settled();
    expect(waiter.isDone).toBe(true);
    expect(clock.armed).toEqual([]);
  });

  it('keeps no timer that would hold the process', async () => {
    const { clock, gate } = setUp();
    (await passOf(gate)).failed(failure);
    expect(clock.armed.map(({ holds }) => holds)).toEqual([false]);
  });
});
