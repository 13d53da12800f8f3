/** Lets one contender record some traces, and tells what a server makes of it. */
import { startLangfuseLocal } from '../../../dist/local/index.js';
import type { LocalObservation } from '../../../dist/local/index.js';
import { type ContenderName, createContender } from '../contenders/index.js';
import { generateTraces } from '../values/generate.js';
import { LARGE, SMALL, TYPICAL } from '../workloads/sizes.js';

const contender = process.argv[2] as ContenderName;
const server = await startLangfuseLocal();
const { url } = server;
const recording = await createContender(contender, {
  url,
  compression: 'none',
  hasLargeQueue: true,
});
for (const sizes of [SMALL, TYPICAL, LARGE]) {
  for (const trace of generateTraces({ ...sizes, traces: 4 })) {
    recording.record(trace);
  }
}
await recording.flush();
await recording.close();
const observations = server.observations();
const names = new Map(observations.map(({ id, name }) => [id, name]));
process.send?.(observations.map(comparable).toSorted(), () => process.exit());

/** What is the same whoever recorded it, as text. */
function comparable(observation: LocalObservation): string {
  const { parentObservationId, metadata } = observation;
  const own = Object.entries(metadata).filter(
    ([key]) => !/^(resourceAttributes|scope)(\.|$)/.test(key),
  );
  return JSON.stringify({
    sessionId: observation.sessionId,
    userId: observation.userId,
    traceName: observation.traceName,
    environment: observation.environment,
    release: observation.release,
    name: observation.name,
    type: observation.type,
    parent: parentObservationId && names.get(parentObservationId),
    isRoot: observation.isRootObservation,
    input: observation.input,
    output: observation.output,
    metadata: own.toSorted(),
    model: observation.providedModelName,
    modelParameters: observation.modelParameters,
    usageDetails: observation.usageDetails,
  });
}
