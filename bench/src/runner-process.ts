/** Carries out one run in a process of its own, and tells what it came to. */
import type { RunSpec } from './run-spec.js';
import { Sink } from './sink/sink.js';
import { WORKLOADS } from './workloads/index.js';

const spec = JSON.parse(process.argv[2] ?? '') as RunSpec;
const sink = await Sink.start();
const metrics = await WORKLOADS[spec.workload].run(spec, sink);
process.send?.({ metrics }, () => process.exit());
