import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DynamicModule,
  type INestApplicationContext,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  LangfuseModule,
  type LangfuseModuleOptions,
  LangfuseService,
} from '../../../dist/index.js';
import {
  ENVIRONMENT,
  type ObservationValues,
  RELEASE,
  type TraceValues,
} from '../values/trace-values.js';
import {
  type Contender,
  type ContenderSettings,
  PUBLIC_KEY,
  SECRET_KEY,
} from './contender.js';

/** Longer than an outage of the benchmark. */
const FLUSH_TIMEOUT_MS = 90_000;

/** This package as built, with the defaults of its options. */
export async function createOurs(
  settings: ContenderSettings,
): Promise<Contender> {
  return start(langfuseModule(settings));
}

/** The same with a spool, in a folder of the benchmark's machine. */
export async function createSpooling(
  spool: 'overflow' | 'event',
  settings: ContenderSettings,
): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-spool-'));
  // Whatever ends the process, nothing of it stays.
  process.once('exit', () => rmSync(folder, { recursive: true }));
  return start(langfuseModule(settings, { spool, spoolDir: folder }));
}

async function start(module: DynamicModule): Promise<Contender> {
  const app = await NestFactory.createApplicationContext(module, {
    logger: ['error', 'warn'],
  });
  return new Ours(app, app.get(LangfuseService));
}

/** The module as an application imports it. */
export function langfuseModule(
  { url, compression }: Pick<ContenderSettings, 'url' | 'compression'>,
  options: LangfuseModuleOptions = {},
): DynamicModule {
  return LangfuseModule.forRoot({
    publicKey: PUBLIC_KEY,
    secretKey: SECRET_KEY,
    baseUrl: url,
    environment: ENVIRONMENT,
    release: RELEASE,
    compression,
    ...options,
  });
}

/** Drains and closes an application. */
export async function closeApplication(
  app: INestApplicationContext,
): Promise<void> {
  await app.get(LangfuseService).flush({ timeoutMs: FLUSH_TIMEOUT_MS });
  await app.close();
}

class Ours implements Contender {
  constructor(
    private readonly app: INestApplicationContext,
    private readonly langfuse: LangfuseService,
  ) {}

  record(trace: TraceValues): void {
    const { langfuse } = this;
    const { userId, sessionId, name: traceName } = trace;
    langfuse.propagateAttributes({ userId, sessionId, traceName }, () => {
      const { name, type: asType } = trace.root;
      const root = langfuse.startObservation(name, startOf(trace.root), {
        asType,
      });
      for (const child of trace.children) {
        root
          .startObservation(child.name, startOf(child), { asType: child.type })
          .update(endOf(child))
          .end();
      }
      root.update(endOf(trace.root)).end();
    });
  }

  async flush(): Promise<void> {
    await this.langfuse.flush({ timeoutMs: FLUSH_TIMEOUT_MS });
  }

  close(): Promise<void> {
    return closeApplication(this.app);
  }
}

/** What an application knows when an observation starts. */
function startOf({ input, metadata, call }: ObservationValues) {
  return call
    ? {
        input,
        metadata,
        model: call.model,
        modelParameters: call.modelParameters,
      }
    : { input, metadata };
}

/** And what when it ends. */
function endOf({ output, call }: ObservationValues) {
  return call ? { output, usageDetails: call.usageDetails } : { output };
}
