/** `SPOOL_FULL=1` makes the properties of the spool as large as they are stated. */
export function scaled(full: number, usual: number): number {
  return process.env['SPOOL_FULL'] ? full : usual;
}

/** What a test that is scaled may take. */
export const SCALED_TIMEOUT_MS = scaled(3 * 3_600_000, 60_000);
