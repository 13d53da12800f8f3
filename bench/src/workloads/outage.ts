/** A server that refuses everything for a while. */
import { setTimeout } from 'node:timers/promises';
import { paced } from '../measure/pace.js';
import { peakRssMb } from '../measure/usage.js';
import { generateTraces } from '../values/generate.js';
import { OBSERVATIONS_PER_TRACE } from '../values/trace-values.js';
import { SMALL } from './sizes.js';
import { Recording, type Workload } from './workload.js';

const PER_SECOND = 500;
const OUTAGE_MS = 15_000;
const QUICK_OUTAGE_MS = 4_000;

/** Before the outage, and after it. */
const CALM_MS = 1_000;

export const outage: Workload = {
  title: `outage: ${PER_SECOND} small observations a second, ${OUTAGE_MS / 1_000} s of status 503`,
  contenders: [
    'control',
    'ours',
    'official',
    'official-large-queue',
    'otel-json',
    'otel-protobuf',
    'legacy',
  ],
  async run(spec, sink) {
    const outageMs = spec.quick ? QUICK_OUTAGE_MS : OUTAGE_MS;
    const recording = await Recording.start(spec, sink, generateTraces(SMALL));
    const perSecond = PER_SECOND / OBSERVATIONS_PER_TRACE;
    const times = Math.ceil((perSecond * (outageMs + 2 * CALM_MS)) / 1_000);
    const recorded = paced({ times, perSecond }, () => recording.next());
    await setTimeout(CALM_MS);
    await sink.answer({ answers: 'error', status: 503 });
    await setTimeout(outageMs);
    await sink.answer({ answers: 'success', delayMs: 0 });
    await recorded;
    await recording.contender.flush();
    await recording.contender.close();
    return { peakRssMb: peakRssMb(), ...(await recording.counts()) };
  },
};
