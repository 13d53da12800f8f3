/** What observations take in memory while the server does not answer. */
import { setTimeout } from 'node:timers/promises';
import { reachableBytes } from '../measure/usage.js';
import { generateTraces } from '../values/generate.js';
import { OBSERVATIONS_PER_TRACE } from '../values/trace-values.js';
import { SMALL } from './sizes.js';
import { Recording, type Workload } from './workload.js';

/** As many as all of them keep by default. */
const OBSERVATIONS = 2_000;

/** Few: buffers that are kept to be used again would not count as pending. */
const WARM_UP = 40;

/** By then full batches have become requests. */
const SETTLE_MS = 300;

export const pending: Workload = {
  title: `pending: memory of ${OBSERVATIONS} small observations without an answer`,
  contenders: ['control', 'ours', 'official', 'otel-json', 'otel-protobuf'],
  async run(spec, sink) {
    const recording = await Recording.start(spec, sink, generateTraces(SMALL));
    record(recording, WARM_UP);
    await recording.contender.flush();
    await setTimeout(SETTLE_MS);
    await sink.answer({ answers: 'never' });
    const before = reachableBytes();
    record(recording, OBSERVATIONS);
    await setTimeout(SETTLE_MS);
    return { pendingBytes: (reachableBytes() - before) / OBSERVATIONS };
  },
};

function record(recording: Recording, observations: number): void {
  const traces = observations / OBSERVATIONS_PER_TRACE;
  for (let i = 0; i < traces; i++) recording.next();
}
