import type { Call } from './plan/call.js';
import type { Fault } from './plan/fault.js';
import type { Run } from './simulate.js';

/** What is needed to understand a failed run, and to repeat it. */
export function describeFailure({ plan, breaches }: Run): string {
  const { seed, settings, calls, faults, ...rest } = plan;
  return [
    `seed ${seed} (replay: SEED=${seed} npm run simulate)`,
    ...breaches.map((breach) => `  breach  ${breach}`),
    `  options ${JSON.stringify({ ...settings, ...rest })}`,
    `  faults  ${faults.map(describeFault).join('; ')}`,
    `  calls   ${calls.map(describeCall).join('; ')}`,
  ].join('\n');
}

function describeCall(call: Call): string {
  const what =
    call.type === 'enqueue'
      ? `${call.count} ${call.lane}`
      : `${call.type}(${call.timeoutMs ?? ''})`;
  return `${what} @${call.at}`;
}

function describeFault(fault: Fault): string {
  const { kind, from, until, hits, lane, status, retryAfter } = fault;
  const what =
    kind === 'status'
      ? `${status}${retryAfter ? ` Retry-After ${retryAfter.header}` : ''}`
      : kind;
  const often = hits === Infinity ? `to ${Math.round(until)}` : `${hits} times`;
  return `${what} ${lane} from ${from} ${often}`;
}
