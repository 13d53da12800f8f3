/** Nest applications that live as long as their test. */
import type {
  INestApplication,
  INestApplicationContext,
  ModuleMetadata,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { onTestFinished } from 'vitest';
import {
  LangfuseModule,
  type LangfuseModuleOptions,
  LangfuseQueue,
  LangfuseService,
} from '../../lib/index.js';
import { startLangfuseLocal } from '../../lib/local/index.js';
import { NestLog } from './nest-log.js';

export const PUBLIC_KEY = 'pk-lf-0123456789';
export const SECRET_KEY = 'sk-lf-9876543210';

export interface Application<App = INestApplicationContext> {
  readonly app: App;
  readonly langfuse: LangfuseService;
  readonly queue: LangfuseQueue;
  readonly log: NestLog;
}

/** Starts an application as `@nestjs/testing` does, with a log to read. */
export async function startApplication(
  metadata: ModuleMetadata,
): Promise<Application> {
  const { module, log } = await compile(metadata);
  await module.init();
  return partsOf(module, log);
}

/** Starts one that listens on a free port of loopback. */
export async function startHttpApplication(
  metadata: ModuleMetadata,
): Promise<Application<INestApplication>> {
  const { module, log } = await compile(metadata);
  const app: INestApplication = module.createNestApplication();
  await app.listen(0, '127.0.0.1');
  return partsOf(app, log);
}

/** An application that sends to `server`, as far as the options do not differ. */
export function startSendingTo(
  server: { readonly url: string },
  options: LangfuseModuleOptions = {},
): Promise<Application> {
  return startApplication({
    imports: [LangfuseModule.forRoot({ ...keysFor(server), ...options })],
  });
}

/** Options with which `server` takes data, and a test ends soon. */
export function keysFor(server: {
  readonly url: string;
}): LangfuseModuleOptions {
  return {
    publicKey: PUBLIC_KEY,
    secretKey: SECRET_KEY,
    baseUrl: server.url,
    shutdownTimeoutMs: 200,
  };
}

/** A receiver that ends with the test. */
export async function startReceiver(port = 0) {
  const local = await startLangfuseLocal({ port });
  onTestFinished(() => local.close());
  return local;
}

/** Records `count` observations, one after the other, within this turn. */
export function record(
  langfuse: LangfuseService,
  count: number,
  input?: unknown,
): void {
  for (let i = 0; i < count; i++) {
    langfuse.startObservation(`observation ${i}`, { input }).end();
  }
}

async function compile(metadata: ModuleMetadata) {
  const log = new NestLog();
  const builder = Test.createTestingModule(metadata).setLogger(log);
  return { module: await builder.compile(), log };
}

function partsOf<App extends INestApplicationContext>(
  app: App,
  log: NestLog,
): Application<App> {
  onTestFinished(() => app.close());
  const langfuse = app.get(LangfuseService);
  return { app, log, langfuse, queue: app.get(LangfuseQueue) };
}
