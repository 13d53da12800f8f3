/** Answers, probes and waits of a gate that cross each other. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Gate, type GateFailure, type Pass } from '../../lib/deliver/gate.js';
import type { DestinationState } from '../../lib/queue/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';

const never = new AbortController().signal;
const failure: GateFailure = {
  kind: 'destination',
  endpoint: 'http://127.0.0.1/',
  cause: 'HTTP 503',
};

/** A gate whose probes are answered by the test, with a back-off of 1 s first. */
function setUp() {
  const clock = new FakeClock();
  const probes: ((found?: GateFailure) => void)[] = [];
  const gate = new Gate({
    concerns: 'destination',
    clock,
    random: () => 1,
    probe: () => new Promise((resolve) => probes.push(resolve)),
  });
  const states: DestinationState['status'][] = [];
  gate.state$.subscribe(({ status }) => states.push(status));
  const passes = async (count: number): Promise<Pass[]> => {
    const given = Array.from({ length: count }, () => gate.pass(never));
    return (await Promise.all(given)).filter((pass) => pass !== undefined);
  };
  const arrivals = { count: 0 };
  const arrive = () =>
    void gate.pass(never).then(() => {
      arrivals.count += 1;
    });
  return { clock, gate, probes, states, passes, arrive, arrivals };
}

describe('a late failure', () => {
  it('prolongs the wait when its server asks for more, and never shortens it', async () => {
    const { clock, gate, passes } = setUp();
    const [first, second, third] = await passes(3);
    first!.failed({ ...failure, retryAfterMs: 5_000 });
    second!.failed({ ...failure, retryAfterMs: 20_000 });
    third!.failed({ ...failure, retryAfterMs: 2_000 });
    expect(clock.armed.map(({ inMs }) => inMs)).toEqual([21_000]);
    await clock.advance(20_999);
    expect(gate.isFree).toBe(false);
    await clock.advance(1);
    expect(gate.isFree).toBe(true);
  });

  it('shuts the gate again when its server asks for a wait after the back-off', async () => {
    const { clock, gate, passes, states } = setUp();
    const [first, second] = await passes(2);
    first!.failed(failure);
    await clock.advance(1_000);
    second!.failed({ ...failure, retryAfterMs: 7_000 });
    expect(gate.isFree).toBe(false);
    // The second failure in a row: 7 s that are asked for, and 2 s of ours.
    expect(clock.armed.map(({ inMs }) => inMs)).toEqual([9_000]);
    expect(states).toEqual(['failing', 'half-open', 'failing']);
  });

  it('without such a wish counts for nothing', async () => {
    const { clock, passes, states } = setUp();
    const [first, second] = await passes(2);
    first!.failed(failure);
    await clock.advance(1_000);
    second!.failed(failure);
    expect(clock.armed).toEqual([]);
    expect(states).toEqual(['failing', 'half-open']);
  });
});

describe('a probe that is out while the gate is shut again', () => {
  async function setUpCrossed() {
    const parts = setUp();
    const { clock, gate, passes, probes, arrive } = parts;
    const [first] = await passes(1);
    first!.failed(failure);
    arrive();
    await clock.advance(1_000);
    expect(probes).toHaveLength(1);
    gate.shut(failure);
    return parts;
  }

  it('lets nobody pass, whatever it finds', async () => {
    const { gate, probes, arrivals, states } = await setUpCrossed();
    probes[0]!();
    await settled();
    expect(gate.isFree).toBe(false);
    expect(arrivals.count).toBe(0);
    expect(states).toEqual(['failing', 'half-open', 'failing']);
  });

  it('is not joined by a second one, which follows it for those who wait', async () => {
    const { clock, probes, arrivals, arrive } = await setUpCrossed();
    await clock.advance(2_000);
    arrive();
    await settled();
    expect(probes).toHaveLength(1);
    probes[0]!(failure);
    await settled();
    expect(probes).toHaveLength(2);
    probes[1]!();
    await settled();
    expect(arrivals.count).toBe(1);
  });
});

describe('a probe that was taken', () => {
  it('lets one try who comes after those who wanted to have left', async () => {
    const { clock, gate, passes, probes, arrive, arrivals } = setUp();
    const [first] = await passes(1);
    first!.failed(failure);
    await clock.advance(1_000);
    const leaving = new AbortController();
    void gate.pass(leaving.signal);
    leaving.abort();
    probes[0]!();
    await settled();
    arrive();
    arrive();
    await settled();
    expect(arrivals.count).toBe(1);
    expect(probes).toHaveLength(1);
  });
});

describe('a wait', () => {
  it('leaves no listener behind', async () => {
    const { clock, gate, passes, probes } = setUp();
    const [first] = await passes(1);
    first!.failed(failure);
    const { signal } = new AbortController();
    const waiting = gate.pass(signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(1_000);
    probes[0]!();
    await waiting;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('that is hastened ends once', async () => {
    const { clock, gate, passes, states } = setUp();
    const [first] = await passes(1);
    first!.failed(failure);
    gate.hasten();
    gate.hasten();
    await clock.advance(60_000);
    expect(states).toEqual(['failing', 'half-open']);
  });
});
