/** What `@Trace()` and `observe()` add to a call, beside the bare call. */
import {
  Answers,
  type TracedAnswers,
  type TracedAnswersSettings,
} from '../calls/answers.js';
import { CpuProfile } from '../measure/cpu-profile.js';
import { paced } from '../measure/pace.js';
import { percentile } from '../measure/percentile.js';
import { cpuMicros, peakRssMb } from '../measure/usage.js';
import type { RunSpec } from '../run-spec.js';
import { generateTraces } from '../values/generate.js';
import { SMALL } from './sizes.js';
import type { Workload } from './workload.js';

/** Calls come in groups, so that reading the clock costs little of them. */
const GROUP = 10;
const GROUPS_PER_SECOND = 1_000;
const WARM_UP_GROUPS = 3_000;
const GROUPS = 6_000;
const QUICK_DIVISOR = 6;

/** @param captures Whether arguments and result are recorded. */
export function decorator(captures: boolean): Workload {
  return {
    title: `${captures ? 'decorator' : 'decorator-bare'}: traced calls, capture ${captures ? 'on' : 'off'}`,
    contenders: ['control', 'ours', 'official'],
    async run(spec, sink) {
      const divisor = spec.quick ? QUICK_DIVISOR : 1;
      const traces = generateTraces(SMALL);
      const questions = traces.map(({ root }) => root.input);
      const answers = traces.map(({ root }) => root.output);
      const service = await create(spec, { url: sink.url, answers, captures });
      let calls = 0;
      const callGroup = async () => {
        for (let i = 0; i < GROUP; i++) {
          await service.answer(questions[calls++ % questions.length]);
        }
      };
      const perSecond = GROUPS_PER_SECOND;
      await paced({ times: WARM_UP_GROUPS / divisor, perSecond }, callGroup);

      const times = GROUPS / divisor;
      const micros = new Float64Array(times);
      const profile = await CpuProfile.start(spec.profileTo);
      const cpuBefore = cpuMicros();
      await paced({ times, perSecond }, async (index) => {
        const start = performance.now();
        await callGroup();
        micros[index] = ((performance.now() - start) * 1_000) / GROUP;
      });
      await service.close();
      const cpu = cpuMicros() - cpuBefore;
      await profile?.save();
      const { delivered } = await sink.report();
      return {
        cpuMicros: cpu / (times * GROUP),
        callMicros: percentile(micros, 0.5),
        peakRssMb: peakRssMb(),
        recorded: calls,
        delivered,
      };
    },
  };
}

async function create(
  { contender }: RunSpec,
  settings: TracedAnswersSettings,
): Promise<TracedAnswers> {
  switch (contender) {
    case 'ours':
      return (await import('../calls/ours.js')).ourAnswers(settings);
    case 'official':
      return (await import('../calls/official.js')).officialAnswers(settings);
    default:
      return bareAnswers(settings);
  }
}

function bareAnswers({ answers }: TracedAnswersSettings): TracedAnswers {
  const service = new Answers(answers);
  return {
    answer: (question) => service.answer(question),
    close: async () => undefined,
  };
}
