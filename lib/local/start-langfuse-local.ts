/** How a receiver comes to life: only a listening one can be had. */
import { createServer } from 'node:http';
import {
  withDefaults,
  type LangfuseLocalOptions,
} from './langfuse-local-options.js';
import { LangfuseLocalServer } from './langfuse-local-server.js';

/** Longer than clients keep idle sockets, so that none is closed under them. */
const KEEP_ALIVE_MS = 65_000;

/**
 * Starts a receiver that behaves like a Langfuse server (v4): the same routes,
 * status codes and bodies for OTLP traces (protobuf) and scores, kept in memory
 * and readable through the API and through the returned handle.
 *
 * @throws Node's own error when it cannot listen, such as `EADDRINUSE`.
 * @publicApi
 */
export async function startLangfuseLocal(
  options: LangfuseLocalOptions = {},
): Promise<LangfuseLocalServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const { port, host } = withDefaults(options);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return new LangfuseLocalServer(server, options);
}
