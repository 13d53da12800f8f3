import { resolveOptions } from '../../lib/options/index.js';

const KEYS = { publicKey: 'pk-lf-simulated', secretKey: 'sk-lf-simulated' };

/** What an application gets that sets nothing but its keys. */
export const DEFAULT_SETTINGS = resolveOptions(KEYS, {});
