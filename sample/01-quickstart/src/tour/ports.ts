/** Ports on loopback. */
import { once } from 'node:events';
import { createServer } from 'node:net';

const DEFAULT_PORT = 3000;

/**
 * `QUICKSTART_PORT` or 3000; a free port if it is taken.
 *
 * @throws RangeError when the variable holds no port.
 */
export async function quickstartPort({
  QUICKSTART_PORT: text,
}: NodeJS.ProcessEnv): Promise<number> {
  const port = text ? Number(text) : DEFAULT_PORT;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(
      `QUICKSTART_PORT is ${JSON.stringify(text)}; set it to a port, 0 to ` +
        '65535, or leave it out for 3000.',
    );
  }
  return freePort(port);
}

/** `port`, or 0 (which takes any free one) when somebody listens there. */
export async function freePort(port: number): Promise<number> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return 0;
  }
  probe.close();
  await once(probe, 'close');
  return port;
}
