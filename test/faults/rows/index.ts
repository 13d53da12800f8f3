/** All rows, in the order of the catalogue of faults. */
import type { Row } from '../row.js';
import { answerRows } from './answer-rows.js';
import { configRows } from './config-rows.js';
import { fullQueueRows } from './full-queue-rows.js';
import { inputRows } from './input-rows.js';
import { networkRows } from './network-rows.js';
import { payloadRows } from './payload-rows.js';
import { processRows } from './process-rows.js';
import { proxyRows } from './proxy-rows.js';
import { shutdownRows } from './shutdown-rows.js';
import { statusRows } from './status-rows.js';
import { timeRows } from './time-rows.js';
import { tlsRows } from './tls-rows.js';

export const rows: readonly Row[] = [
  ...networkRows,
  ...tlsRows,
  ...proxyRows,
  ...statusRows,
  ...payloadRows,
  ...configRows,
  ...answerRows,
  ...timeRows,
  ...processRows,
  ...inputRows,
  ...fullQueueRows,
  ...shutdownRows,
].toSorted((a, b) => a.id.localeCompare(b.id, undefined, { numeric: true }));
