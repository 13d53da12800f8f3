/** The options of the spool, which only matter together. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OptionProblem } from './langfuse-options.error.js';
import type { OptionReading } from './option-row.js';
import type { OptionName } from './options.table.js';
import type { OptionValues, Spooling } from './resolved-options.interface.js';

const SETTINGS = [
  'spoolMaxBytes',
  'spoolMaxAgeMs',
  'spoolMinFreeBytes',
  'spoolFsync',
] as const satisfies OptionName[];

/** Whether and where records are kept on the disk. */
export function spoolingOf(values: OptionValues): Spooling {
  const { spoolDir } = values;
  // Whoever names a folder wants it used; who wants to pause it says so.
  const mode = values.spool ?? (spoolDir === undefined ? 'off' : 'overflow');
  if (mode === 'off') return { mode };
  return {
    mode,
    dir: spoolDir ?? defaultFolder(),
    maxBytes: values.spoolMaxBytes,
    maxAgeMs: values.spoolMaxAgeMs,
    minFreeBytes: values.spoolMinFreeBytes,
    fsync: values.spoolFsync,
  };
}

/**
 * Settings of a spool that nobody switched on: who set them believes that it is.
 * With `spool: 'off'` they are kept for the day on which it is on again.
 */
export function idleSpoolSettings(
  readings: ReadonlyMap<OptionName, OptionReading>,
): OptionProblem[] {
  if (readings.has('spool') || readings.has('spoolDir')) return [];
  const message =
    'it has no effect, since there is no spool; set spoolDir or spool, or ' +
    "spool: 'off' to say that this is intended.";
  return SETTINGS.flatMap((option) => {
    const reading = readings.get(option);
    if (!reading?.checked.ok) return [];
    return [{ option, env: reading.env, message }];
  });
}

/** By user: a folder of another one is refused. */
function defaultFolder(): string {
  const userId = process.geteuid?.();
  const name = ['nestjs-langfuse', userId ?? []].flat().join('-');
  return join(tmpdir(), name);
}
