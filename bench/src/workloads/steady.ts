/** An even stream of observations for some seconds, after a warm-up. */
import type { ContenderName } from '../contenders/index.js';
import { CpuProfile } from '../measure/cpu-profile.js';
import { holdMetrics, LoopHolds } from '../measure/loop-holds.js';
import { paced } from '../measure/pace.js';
import { percentile } from '../measure/percentile.js';
import { cpuMicros, peakRssMb } from '../measure/usage.js';
import { generateTraces, type Sizes } from '../values/generate.js';
import { OBSERVATIONS_PER_TRACE } from '../values/trace-values.js';
import { Recording, type Workload } from './workload.js';

export interface SteadySettings {
  readonly title: string;
  readonly sizes: Sizes;
  /** Observations. */
  readonly perSecond: number;
  readonly warmUp: number;
  readonly measured: number;
  /** How much shorter quick runs are. */
  readonly quickDivisor: number;
  /** By default all that can keep up. */
  readonly contenders?: readonly ContenderName[];
}

const CONTENDERS: readonly ContenderName[] = [
  'control',
  'floor',
  'ours',
  'official',
  'otel-json',
  'otel-protobuf',
  'legacy',
];

export function steady(settings: SteadySettings): Workload {
  const { title, sizes, contenders = CONTENDERS } = settings;
  const perSecond = settings.perSecond / OBSERVATIONS_PER_TRACE;
  return {
    title,
    contenders,
    async run(spec, sink) {
      const divisor = spec.quick ? settings.quickDivisor : 1;
      const tracesOf = (observations: number) =>
        Math.ceil(observations / divisor / OBSERVATIONS_PER_TRACE);
      const recording = await Recording.start(
        spec,
        sink,
        generateTraces(sizes),
        // What is lost costs nothing: all are measured for the same work.
        { hasLargeQueue: true },
      );
      const { contender } = recording;
      const warmUp = { times: tracesOf(settings.warmUp), perSecond };
      await paced(warmUp, () => recording.next());
      await contender.flush();

      const times = tracesOf(settings.measured);
      const callerMicros = new Float64Array(times);
      const profile = await CpuProfile.start(spec.profileTo);
      const holds = new LoopHolds();
      const cpuBefore = cpuMicros();
      await paced({ times, perSecond }, (index) => {
        const start = performance.now();
        recording.next();
        callerMicros[index] =
          ((performance.now() - start) * 1_000) / OBSERVATIONS_PER_TRACE;
      });
      const whileRecording = holds.take();
      await contender.flush();
      await contender.close();
      const whileFlushing = holds.take();
      const cpu = cpuMicros() - cpuBefore;
      holds.stop();
      await profile?.save();

      return {
        cpuMicros: cpu / (times * OBSERVATIONS_PER_TRACE),
        callerP50Micros: percentile(callerMicros, 0.5),
        callerP99Micros: percentile(callerMicros, 0.99),
        callerP999Micros: percentile(callerMicros, 0.999),
        ...holdMetrics(whileRecording, whileFlushing),
        peakRssMb: peakRssMb(),
        ...(await recording.counts()),
      };
    },
  };
}
