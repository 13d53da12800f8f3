/** The next start of an application, which finds what processes before it have left. */
import { expect } from 'vitest';
import { LangfuseModule, type LangfuseModuleOptions } from '../../lib/index.js';
import {
  type Application,
  keysFor,
  startApplication,
} from '../support/application.js';
import type { IdServer } from './id-server.js';
import { segmentsIn } from './spool-folder.js';

/** Starts an application with a spool, which sends to a server. */
export function startSpooling(
  server: { readonly url: string },
  dir: string,
  options: LangfuseModuleOptions = {},
): Promise<Application> {
  return startApplication({
    imports: [
      LangfuseModule.forRoot({
        ...keysFor(server),
        compression: 'none',
        spoolDir: dir,
        ...options,
      }),
    ],
  });
}

/** Starts an application and ends it when a folder has nothing left to send. */
export async function deliverRest(
  server: IdServer,
  dir: string,
): Promise<Application> {
  const application = await startSpooling(server, dir);
  const { app } = application;
  await replayed(application, dir);
  await app.close();
  return application;
}

/** Resolves when all that others have left in a folder is settled. */
export async function replayed(
  { queue }: Application,
  dir: string,
): Promise<void> {
  await expect
    .poll(
      () => {
        const { spooled, inFlight } = queue.stats();
        return spooled + inFlight + segmentsIn(dir).length;
      },
      { interval: 20, timeout: 30_000 },
    )
    .toBe(0);
}
