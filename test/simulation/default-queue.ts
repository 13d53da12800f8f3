import type { Http } from '../../lib/deliver/http-client.js';
import { LangfuseTransport } from '../../lib/deliver/langfuse-transport.js';
import { resolveOptions } from '../../lib/options/index.js';
import { LangfuseQueue } from '../../lib/queue/index.js';
import type { Random } from './plan/random.js';
import { credentials, DESTINATION } from './server/destination.js';
import { SILENT } from './silent-logger.js';
import type { VirtualClock } from './virtual-clock.js';

const KEYS = { publicKey: 'pk-lf-simulated', secretKey: 'sk-lf-simulated' };

/** What an application gets that sets nothing but its keys. */
const SETTINGS = resolveOptions(KEYS, {});

/** The queue and the transport of such an application. */
export function defaultQueue(
  clock: VirtualClock,
  random: Random,
  http: Http,
): LangfuseQueue {
  const transport = new LangfuseTransport(
    { timeoutMs: 30_000, destination: DESTINATION, credentials },
    { clock, random: () => random.next(), http },
  );
  return new LangfuseQueue(SETTINGS, { transport, logger: SILENT, clock });
}
