/** The fixtures of this folder, started against a receiver. */
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';
import type { LangfuseLocalServer } from '../../lib/local/index.js';
import { PUBLIC_KEY, SECRET_KEY } from '../support/application.js';
import { ChildApplication } from '../support/child-application.js';

export interface ChildOptions {
  readonly url: string;
  readonly env?: Readonly<Record<`LANGFUSE_${string}`, string>>;
  readonly shutdownTimeoutMs?: number;
}

/** How `script.mjs` can end. */
export type ScriptEnding =
  'just end' | 'wait, then end' | 'close twice' | 'close and go on';

export function startScript(
  ending: ScriptEnding,
  options: ChildOptions,
): ChildApplication {
  return start('script.mjs', [ending], options);
}

/** An HTTP application with `queued` observations in its queue. */
export async function startHttpChild(
  queued: number,
  options: ChildOptions,
): Promise<{ readonly child: ChildApplication; readonly url: string }> {
  const child = start('http-application.mjs', [`${queued}`], options);
  const [, url] = await child.printed(/listening on (\S+)\n/);
  return { child, url: url! };
}

function start(
  fixture: string,
  args: readonly string[],
  { url, env, shutdownTimeoutMs = 5_000 }: ChildOptions,
): ChildApplication {
  return new ChildApplication(
    new URL(`fixtures/${fixture}`, import.meta.url),
    [...args, `${shutdownTimeoutMs}`],
    {
      LANGFUSE_PUBLIC_KEY: PUBLIC_KEY,
      LANGFUSE_SECRET_KEY: SECRET_KEY,
      LANGFUSE_BASE_URL: url,
      // Nothing leaves the queue before somebody asks for it.
      LANGFUSE_FLUSH_AT: '10000',
      LANGFUSE_FLUSH_INTERVAL: '3600',
      ...env,
    },
  );
}

/** A request over a connection of its own, which the test's end destroys. */
export function get(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false }, resolve);
    asked.on('error', reject);
    asked.end();
    onTestFinished(() => void asked.destroy());
  });
}

/** The ids of what arrived. */
export function idsOf(receiver: LangfuseLocalServer, name: string): string[] {
  return receiver.observations({ name }).map(({ id }) => id);
}
