/** A word that must not leave the application, and masks that replace it. */
import type { MaskFunction } from '../../lib/index.js';
import type { RecordingServer } from '../support/recording-server.js';

export const CANARY = 'canary7f3a';

const clean = (data: string) => data.replaceAll(CANARY, '***');
const syncMask: MaskFunction = ({ data }) => clean(data);
const asyncMask: MaskFunction = async ({ data }) => {
  await Promise.resolve();
  return clean(data);
};
export const MASKS = { sync: syncMask, async: asyncMask };

/** Options with which the bytes on the wire can be read. */
export const OPTIONS = {
  compression: 'none',
  release: `1.0-${CANARY}`,
} as const;

/** An error with a class, a message and a stack that tell it. */
export function canaryError(): Error {
  const error = new Error(`no ${CANARY}`, { cause: { code: CANARY } });
  error.name = `${CANARY}Error`;
  return error;
}

/** All that came over the wire. */
export function sentText({ requests }: RecordingServer): string {
  return Buffer.concat(requests.map(({ body }) => body)).toString('latin1');
}
