/**
 * A million hostile values through the whole path, and each giant a hundred
 * times. `VALUES` sets how many, `SEED` replays a run.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CollectingService } from '../support/collecting-service.js';
import { giants } from '../support/giant-values.js';
import {
  problemsOf,
  type Recorded,
  recordHostile,
  VALUES_PER_OBSERVATION,
} from '../support/hostile-observations.js';
import { LangfuseAttribute } from '../../lib/wire/index.js';
import { anyValue, hostileKey } from '../support/hostile-values.js';
import { attributesOf } from '../support/otlp.js';

const VALUES = Number(process.env['VALUES'] ?? 1_000_000);
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

const GIANTS_EACH = 100;

/** Observations that are made, sent and checked before the next ones. */
const ROUND = 100;

const entry = fc.tuple(hostileKey, anyValue);

it(
  `${VALUES} hostile values arrive marked, their neighbours whole`,
  { timeout: 1_800_000 },
  async () => {
    const service = new CollectingService();
    let values = 0;
    let spans = 0;
    let scores = 0;
    let thrown = 0;
    const problems: string[] = [];
    for (let round = 0; values < VALUES; round++) {
      const seed = SEED + round;
      const numRuns = ROUND * VALUES_PER_OBSERVATION;
      const entries = fc.sample(entry, { seed, numRuns });
      const recorded: Recorded[] = [];
      for (let number = 0; number < ROUND; number++) {
        const from = number * VALUES_PER_OBSERVATION;
        const some = entries.slice(from, from + VALUES_PER_OBSERVATION);
        try {
          recorded.push(recordHostile(service.langfuse, some, number));
        } catch (error) {
          thrown++;
          problems.push(`SEED=${seed} observation ${number}: ${String(error)}`);
        }
      }
      const sent = await service.collect();
      values += numRuns;
      spans += sent.spans.length;
      scores += sent.scores.length;
      for (const problem of problemsOf(recorded, sent)) {
        problems.push(`SEED=${seed} ${problem}`);
      }
      if (problems.length > 20) break;
    }
    const { invalid = 0 } = service.stats.lanes.scores.dropped;
    await service.close();
    process.stdout.write(
      `\n${values} values (SEED=${SEED}), ${spans} spans and ${scores} scores ` +
        `decoded, ${invalid} scores refused, ${thrown} thrown, ` +
        `${problems.length} problems, ` +
        `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB RSS\n`,
    );
    expect(problems).toEqual([]);
  },
);

it(
  `each giant arrives marked ${GIANTS_EACH} times, its neighbours whole`,
  { timeout: 1_800_000 },
  async () => {
    const service = new CollectingService();
    let sent = 0;
    let lost = 0;
    for (const make of Object.values(giants)) {
      const giant = make();
      const before = { known: 1 };
      const after = ['known', null];
      for (let time = 0; time < GIANTS_EACH; time++) {
        service.langfuse
          .startObservation('giant', {
            input: { before, giant, after },
            output: [before, giant, after],
          })
          .end();
        const { spans } = await service.collect();
        sent += spans.length;
        for (const { attributes } of spans) {
          const given = attributesOf(attributes);
          const parsed = (key: string) =>
            JSON.parse(String(given[key])) as unknown;
          const input = parsed(LangfuseAttribute.observationInput) as Record<
            string,
            unknown
          >;
          const [first, , last] = parsed(
            LangfuseAttribute.observationOutput,
          ) as unknown[];
          const known = { before: input['before'], after: input['after'] };
          for (const beside of [known, { before: first, after: last }]) {
            const isWhole =
              JSON.stringify(beside) === JSON.stringify({ before, after });
            if (!isWhole) lost++;
          }
        }
      }
    }
    await service.close();
    const names = Object.keys(giants);
    process.stdout.write(
      `\n${names.length} giants ${GIANTS_EACH} times each: ${sent} spans ` +
        `decoded, ${lost} neighbours lost, ` +
        `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB RSS\n`,
    );
    expect({ sent, lost }).toEqual({
      sent: names.length * GIANTS_EACH,
      lost: 0,
    });
  },
);
