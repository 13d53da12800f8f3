/**
 * A Nest application that is traced, and the receiver that it sends to. What
 * arrived is read through the receiver's HTTP API, as from a Langfuse server.
 */
import {
  type INestApplication,
  type LoggerService,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  LangfuseModule,
  type LangfuseModuleExtras,
  type LangfuseModuleOptions,
  LangfuseQueue,
  LangfuseService,
} from '../../lib/index.js';
import {
  type LangfuseLocalServer,
  type LocalObservation,
  type LocalScore,
  startLangfuseLocal,
} from '../../lib/local/index.js';

/** An observation as `GET /api/public/v2/observations` returns it. */
export type ReadObservation = LocalObservation & {
  readonly totalCost: number | null;
};

/** A score as `GET /api/public/v3/scores` returns it. */
export type ReadScore = LocalScore & {
  readonly subject: Readonly<Record<string, unknown>>;
};

export interface TracedApplicationOptions extends ModuleMetadata {
  readonly langfuse?: LangfuseModuleOptions & LangfuseModuleExtras;
  /** Default: that of Express. */
  readonly adapter?: AbstractHttpAdapter;
  /** Called before the application is initialised. */
  readonly configure?: (app: INestApplication) => void;
}

export class TracedApplication {
  readonly langfuse: LangfuseService;
  readonly queue: LangfuseQueue;

  private constructor(
    readonly app: INestApplication,
    readonly local: LangfuseLocalServer,
    /** What was logged as a warning or an error. */
    readonly warnings: readonly string[],
  ) {
    this.langfuse = app.get(LangfuseService);
    this.queue = app.get(LangfuseQueue);
  }

  static async start({
    langfuse,
    adapter,
    configure,
    imports = [],
    ...metadata
  }: TracedApplicationOptions = {}): Promise<TracedApplication> {
    const local = await startLangfuseLocal();
    const warnings: string[] = [];
    const root = LangfuseModule.forRoot({
      baseUrl: local.url,
      publicKey: local.publicKey,
      secretKey: local.secretKey,
      ...langfuse,
    });
    const module = await Test.createTestingModule({
      imports: [root, ...imports],
      ...metadata,
    })
      .setLogger(loggerInto(warnings))
      .compile();
    const app = adapter
      ? module.createNestApplication(adapter)
      : module.createNestApplication();
    configure?.(app);
    await app.init();
    return new TracedApplication(app, local, warnings);
  }

  get<T>(type: Type<T>): T {
    return this.app.get(type);
  }

  /** Listens on a free port and returns the address. */
  async listen(): Promise<string> {
    await this.app.listen(0, '127.0.0.1');
    return this.app.getUrl();
  }

  /** The observations of a trace, or of all, after a flush. */
  observations(traceId?: string): Promise<ReadObservation[]> {
    return this.read('v2/observations', { traceId, limit: '1000' });
  }

  /** The only observation of that name, after a flush. */
  async observation(name: string): Promise<ReadObservation> {
    const found = await this.read<ReadObservation>('v2/observations', { name });
    if (found.length === 1) return found[0]!;
    throw new Error(`${found.length} observations are called ${name}`);
  }

  /** The scores of a trace, or of all, after a flush. */
  scores(traceId?: string): Promise<ReadScore[]> {
    return this.read('v3/scores', { traceId, limit: '100' });
  }

  /**
   * What arrived, one name a line, indented below its parent. Brothers are
   * sorted by name, since parallel ones have no order of their own.
   */
  async tree(): Promise<string[]> {
    const observations = await this.observations();
    const ids = new Set(observations.map(({ id }) => id));
    const linesBelow = (parentId: string | null, indent: string): string[] =>
      observations
        .filter(({ parentObservationId: parent }) =>
          parentId === null
            ? parent === null || !ids.has(parent)
            : parent === parentId,
        )
        .toSorted((a, b) => a.name.localeCompare(b.name))
        .flatMap(({ id, name }) => [
          indent + name,
          ...linesBelow(id, `${indent}  `),
        ]);
    return linesBelow(null, '');
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.local.close();
  }

  private async read<T>(
    resource: string,
    filter: Readonly<Record<string, string | undefined>>,
  ): Promise<T[]> {
    await this.langfuse.flush();
    const url = new URL(`/api/public/${resource}`, this.local.url);
    for (const [key, value] of Object.entries(filter)) {
      if (value !== undefined) url.searchParams.set(key, value);
    }
    const { publicKey, secretKey } = this.local;
    const authorization = `Basic ${btoa(`${publicKey}:${secretKey}`)}`;
    const response = await fetch(url, { headers: { authorization } });
    const { data } = (await response.json()) as { data: T[] };
    return data;
  }
}

function loggerInto(warnings: string[]): LoggerService {
  const keep = (message: unknown) => warnings.push(String(message));
  const ignore = () => undefined;
  return { log: ignore, warn: keep, error: keep, fatal: keep };
}
