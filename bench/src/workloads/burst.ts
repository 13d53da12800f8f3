/** 50,000 observations in one tick, for a server that answers after 50 ms. */
import { setTimeout } from 'node:timers/promises';
import { holdMetrics, LoopHolds } from '../measure/loop-holds.js';
import { cpuMicros, peakRssMb } from '../measure/usage.js';
import { generateTraces } from '../values/generate.js';
import { OBSERVATIONS_PER_TRACE } from '../values/trace-values.js';
import { SMALL } from './sizes.js';
import { Recording, type Workload } from './workload.js';

const OBSERVATIONS = 50_000;
/** As many as the smallest queue takes. */
const WARM_UP = 2_000;
const ANSWER_MS = 50;

/** For what is still on its way when `flush()` has returned. */
const WARM_UP_MS = 500;
const SETTLE_MS = 6_000;

export const burst: Workload = {
  title: `burst: ${OBSERVATIONS} small observations in one tick, answers after ${ANSWER_MS} ms`,
  contenders: [
    'control',
    'floor',
    'ours',
    'official',
    'official-large-queue',
    'otel-json',
    'otel-protobuf',
    'legacy',
  ],
  async run(spec, sink) {
    await sink.answer({ answers: 'success', delayMs: ANSWER_MS });
    const recording = await Recording.start(spec, sink, generateTraces(SMALL));
    const { contender } = recording;
    record(recording, WARM_UP);
    await contender.flush();
    await setTimeout(WARM_UP_MS);
    await recording.forget();

    const holds = new LoopHolds();
    const cpuBefore = cpuMicros();
    record(recording, OBSERVATIONS);
    const whileRecording = holds.take();
    // Nobody flushes an application that goes on; all have a timer of 5 s.
    await setTimeout(SETTLE_MS);
    await contender.flush();
    await contender.close();
    const whileFlushing = holds.take();
    const cpu = cpuMicros() - cpuBefore;
    holds.stop();
    return {
      cpuMicros: cpu / OBSERVATIONS,
      ...holdMetrics(whileRecording, whileFlushing),
      peakRssMb: peakRssMb(),
      ...(await recording.counts()),
    };
  },
};

function record(recording: Recording, observations: number): void {
  const traces = observations / OBSERVATIONS_PER_TRACE;
  for (let i = 0; i < traces; i++) recording.next();
}
