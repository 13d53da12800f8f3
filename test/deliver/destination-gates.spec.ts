import { describe, expect, it } from 'vitest';
import {
  type DestinationFailure,
  DestinationGates,
  type LanePass,
} from '../../lib/deliver/destination-gates.js';
import type { DestinationState, LaneName } from '../../lib/queue/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';

const never = new AbortController().signal;

function failureOf(
  concerns: DestinationFailure['concerns'],
): DestinationFailure {
  return { kind: 'destination', concerns, endpoint: 'http://a/', cause: '503' };
}

const OUTAGE = failureOf('destination');
const NO_ROUTE = failureOf('lane');

/** Gates whose probes are answered by the test. */
function setUp() {
  const clock = new FakeClock();
  const probes: {
    readonly lane: LaneName;
    readonly mayGoOn: () => boolean;
    readonly answer: (found?: DestinationFailure) => void;
  }[] = [];
  const gates = new DestinationGates({
    clock,
    random: () => 1,
    probe: (lane, mayGoOn) =>
      new Promise((answer) => probes.push({ lane, mayGoOn, answer })),
    closing: never,
  });
  const states: string[] = [];
  gates.state$.subscribe(({ concerns, status }: DestinationState) =>
    states.push(`${concerns} ${status}`),
  );
  const passOf = async (lane: LaneName): Promise<LanePass> => {
    const pass = await gates.pass(lane, never);
    if (!pass) throw new Error('the gates gave no pass');
    return pass;
  };
  /** Who comes, by lane, in the order of their passes. */
  const passed: { readonly lane: LaneName; readonly pass: LanePass }[] = [];
  const arrive = (lane: LaneName) =>
    void passOf(lane).then((pass) => passed.push({ lane, pass }));
  const areFree = () => [gates.isFree('spans'), gates.isFree('scores')];
  return { clock, gates, probes, states, passOf, arrive, passed, areFree };
}

describe('a failure of one route', () => {
  it('holds its lane, and not the other one', async () => {
    const { passOf, areFree, states } = setUp();
    (await passOf('scores')).failed(NO_ROUTE);
    expect(areFree()).toEqual([true, false]);
    expect(states).toEqual(['scores failing']);
    (await passOf('spans')).succeeded();
    expect(areFree()).toEqual([true, false]);
  });

  it('is over with a probe of that route and a request that it takes', async () => {
    const { clock, passOf, arrive, passed, probes, states, areFree } = setUp();
    (await passOf('scores')).failed(NO_ROUTE);
    arrive('scores');
    arrive('scores');
    await clock.advance(1_000);
    expect(probes.map(({ lane }) => lane)).toEqual(['scores']);
    probes[0]!.answer();
    await settled();
    expect(passed).toHaveLength(1);
    passed[0]!.pass.succeeded();
    await settled();
    expect(passed).toHaveLength(2);
    expect(areFree()).toEqual([true, true]);
    expect(states.at(-1)).toBe('scores ready');
  });

  it('takes the pass of a request of that lane that is under way', async () => {
    const { passOf } = setUp();
    const [failing, scores, spans] = [
      await passOf('scores'),
      await passOf('scores'),
      await passOf('spans'),
    ];
    failing.failed(NO_ROUTE);
    expect([scores.isCurrent(), spans.isCurrent()]).toEqual([false, true]);
  });
});

describe('a failure of the destination', () => {
  it('holds both lanes until a request is taken', async () => {
    const { clock, passOf, arrive, passed, probes, areFree, states } = setUp();
    (await passOf('scores')).failed(OUTAGE);
    expect(areFree()).toEqual([false, false]);
    arrive('spans');
    arrive('scores');
    await clock.advance(1_000);
    // The route that failed is the one that can tell.
    expect(probes.map(({ lane }) => lane)).toEqual(['scores']);
    probes[0]!.answer();
    await settled();
    expect(passed).toHaveLength(1);
    passed[0]!.pass.succeeded();
    await settled();
    expect(passed).toHaveLength(2);
    expect(states).toEqual([
      'destination failing',
      'destination half-open',
      'destination ready',
    ]);
  });

  it('takes the pass of every request that is under way', async () => {
    const { passOf } = setUp();
    const [failing, other] = [await passOf('scores'), await passOf('spans')];
    failing.failed(OUTAGE);
    expect(other.isCurrent()).toBe(false);
  });

  it('is over when the probe finds that only the route of a lane fails', async () => {
    const { clock, passOf, arrive, passed, probes, areFree } = setUp();
    (await passOf('scores')).failed(OUTAGE);
    arrive('scores');
    arrive('spans');
    await clock.advance(1_000);
    probes[0]!.answer(NO_ROUTE);
    await settled();
    expect(areFree()).toEqual([true, false]);
    // Who waits for scores has lost its try to the other lane.
    expect(passed.map(({ lane }) => lane)).toEqual(['spans']);
  });

  it('that a probe of a lane finds is asked about by that lane', async () => {
    const { clock, passOf, arrive, probes, areFree } = setUp();
    (await passOf('scores')).failed(NO_ROUTE);
    arrive('scores');
    await clock.advance(1_000);
    probes[0]!.answer(OUTAGE);
    await settled();
    expect(areFree()).toEqual([false, false]);
    await clock.advance(1_000);
    arrive('spans');
    await settled();
    expect(probes.map(({ lane }) => lane)).toEqual(['scores', 'scores']);
  });
});

describe('a probe', () => {
  it('of a lane asks on only while neither gate is shut anew', async () => {
    const { clock, passOf, arrive, probes } = setUp();
    const spans = await passOf('spans');
    (await passOf('scores')).failed(NO_ROUTE);
    arrive('scores');
    await clock.advance(1_000);
    const [probe] = probes;
    expect(probe!.mayGoOn()).toBe(true);
    spans.failed(OUTAGE);
    expect(probe!.mayGoOn()).toBe(false);
  });

  it('of a lane gives the try of the destination back', async () => {
    const { clock, passOf, arrive, passed, probes } = setUp();
    (await passOf('scores')).failed(NO_ROUTE);
    const spans = await passOf('spans');
    spans.failed(OUTAGE);
    arrive('scores');
    await clock.advance(1_000);
    // First the destination is asked, then, as the one try, the lane's route.
    probes[0]!.answer();
    await settled();
    expect(probes.map(({ lane }) => lane)).toEqual(['spans', 'scores']);
    arrive('spans');
    await settled();
    expect(passed).toEqual([]);
    probes[1]!.answer(NO_ROUTE);
    await settled();
    expect(passed.map(({ lane }) => lane)).toEqual(['spans']);
  });
});

describe('a request that was given up', () => {
  it('passes its try on', async () => {
    const { clock, passOf, arrive, passed, probes } = setUp();
    (await passOf('spans')).failed(OUTAGE);
    arrive('spans');
    arrive('scores');
    await clock.advance(1_000);
    probes[0]!.answer();
    await settled();
    passed[0]!.pass.abandoned();
    await settled();
    expect(passed).toHaveLength(2);
  });
});

describe('when somebody waits for the last time', () => {
  it.each<[string, readonly LaneName[], DestinationFailure]>([
    ['the destination', ['spans'], OUTAGE],
    ['either lane', ['spans', 'scores'], NO_ROUTE],
  ])('the back-off of %s ends', async (_, lanes, failure) => {
    const { clock, gates, passOf, areFree } = setUp();
    for (const lane of lanes) (await passOf(lane)).failed(failure);
    gates.hasten();
    expect(areFree()).toEqual([true, true]);
    expect(clock.armed).toEqual([]);
  });
});
