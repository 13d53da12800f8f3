/** What of the destination does not take data, in `stats()`. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DestinationState, LangfuseQueue } from '../../lib/queue/index.js';
import { FakeClock } from '../support/fake-clock.js';
import { QUEUE_SETTINGS } from '../support/queue-settings.js';
import { ScriptedTransport } from '../support/scripted-transport.js';

const START = new Date('2026-01-01T00:00:00Z');

beforeEach(() => vi.useFakeTimers({ now: START, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

function setUp() {
  const transport = new ScriptedTransport();
  const ignore = () => undefined;
  const queue = new LangfuseQueue(QUEUE_SETTINGS, {
    transport,
    clock: new FakeClock(),
    logger: { log: ignore, warn: ignore, error: ignore },
  });
  const tell = (state: DestinationState) => transport.state$.next(state);
  const fail = (cause: string, concerns: DestinationState['concerns']) =>
    tell({ status: 'failing', concerns, cause, endpoint: 'http://test/' });
  return { tell, fail, outages: () => queue.stats().outages };
}

describe('an outage', () => {
  it('is there from the first failure until data is taken, with its last cause', () => {
    const { tell, fail, outages } = setUp();
    expect(outages()).toEqual([]);
    fail('HTTP 503', 'destination');
    const concerns = 'destination';
    const outage = { concerns, endpoint: 'http://test/', since: START };
    expect(outages()).toEqual([{ ...outage, cause: 'HTTP 503' }]);

    vi.advanceTimersByTime(30_000);
    tell({ concerns, status: 'half-open' });
    expect(outages()).toEqual([{ ...outage, cause: 'HTTP 503' }]);
    fail('ECONNREFUSED', concerns);
    expect(outages()).toEqual([{ ...outage, cause: 'ECONNREFUSED' }]);

    tell({ concerns, status: 'ready' });
    expect(outages()).toEqual([]);
    fail('HTTP 502', concerns);
    const later = new Date(START.getTime() + 30_000);
    expect(outages()).toMatchObject([{ cause: 'HTTP 502', since: later }]);
  });

  it('of one route ends apart from that of the destination', () => {
    const { tell, fail, outages } = setUp();
    fail('HTTP 404', 'scores');
    fail('HTTP 503', 'destination');
    fail('HTTP 405', 'scores');
    expect(outages()).toMatchObject([
      { concerns: 'scores', cause: 'HTTP 405' },
      { concerns: 'destination' },
    ]);
    tell({ concerns: 'destination', status: 'ready' });
    expect(outages()).toMatchObject([{ concerns: 'scores' }]);
  });
});
