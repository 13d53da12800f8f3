/** `flush()` when there is nothing to send, as after each request of a user. */
import { percentile } from '../measure/percentile.js';
import { generateTraces } from '../values/generate.js';
import { SMALL } from './sizes.js';
import { Recording, type Workload } from './workload.js';

const WARM_UP_TRACES = 500;
const FLUSHES = 500;

export const idleFlush: Workload = {
  title: 'idle-flush: flush() with nothing pending',
  contenders: ['ours', 'official', 'otel-json', 'otel-protobuf', 'legacy'],
  async run(spec, sink) {
    const recording = await Recording.start(spec, sink, generateTraces(SMALL));
    const { contender } = recording;
    for (let i = 0; i < WARM_UP_TRACES; i++) recording.next();
    await contender.flush();
    await recording.forget();
    const micros = new Float64Array(FLUSHES);
    for (let i = 0; i < FLUSHES; i++) {
      const start = performance.now();
      await contender.flush();
      micros[i] = (performance.now() - start) * 1_000;
    }
    const { requests } = await recording.counts();
    await contender.close();
    return { idleFlushMicros: percentile(micros, 0.5), requests };
  },
};
