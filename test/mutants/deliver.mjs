// One-line mutants of lib/deliver, as those of lib/queue are listed.
//
// Nothing can be broken in index.ts, which hands names on.
import { decisionMutants } from './deliver-decisions.mjs';
import { gateMutants } from './deliver-gates.mjs';
import { networkMutants } from './deliver-network.mjs';

export const deliverMutants = [
  ...gateMutants,
  ...decisionMutants,
  ...networkMutants,
];
