export { SegmentSpool } from './segment-spool.js';
export type {
  SegmentSpoolDependencies,
  SegmentSpoolSettings,
} from './spool-settings.js';
export { runSpoolCommand } from './spool-command.js';
