/** What the specs of requests share. */
import { setImmediate as turn } from 'node:timers/promises';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type {
  ReadObservation,
  TracedApplication,
} from '../../support/traced-application.js';

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const PARENT_ID = 'b7ad6b7169203331';
export const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`;

export const ADAPTERS: readonly (readonly [
  string,
  () => AbstractHttpAdapter,
])[] = [
  ['Express', () => new ExpressAdapter()],
  // Else its close() waits for ever where a client has left during a stream.
  ['Fastify', () => new FastifyAdapter({ forceCloseConnections: true })],
];

/** The observation of that name, as soon as it has arrived. */
export async function arrived(
  traced: TracedApplication,
  name: string,
): Promise<ReadObservation> {
  await traced.local.waitFor((local) => local.observations({ name })[0]);
  return traced.observation(name);
}

/** A promise and what resolves it. */
export function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give: () => give() };
}

/** Several turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}
