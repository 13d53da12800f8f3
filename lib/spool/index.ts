export { SegmentSpool } from './segment-spool.js';
export type {
  SegmentSpoolDependencies,
  SegmentSpoolSettings,
} from './spool-settings.js';
export { takeInventory } from './inventory.js';
export { nodeFileSystem } from './node-file-system.js';
export { systemProcesses } from './process-table.js';
export { type CommandResult, runSpoolCommand } from './spool-command.js';
