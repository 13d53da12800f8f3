/** A Nest application, and the receiver that it sends to. */
import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { onTestFinished } from 'vitest';
import {
  LangfuseModule,
  type LangfuseModuleOptions,
  LangfuseService,
  Trace,
} from '../../lib/index.js';
import {
  type LocalObservation,
  startLangfuseLocal,
} from '../../lib/local/index.js';
import { NestLog } from '../support/nest-log.js';

/**
 * Without a global of OpenTelemetry, where what works does so beside every other
 * set-up, and as the application's OpenTelemetry.
 */
export const MODES = [
  { registerGlobally: false },
  { registerGlobally: true },
] as const;

/** Whoever calls a library in an application. */
@Injectable()
export class Caller {
  @Trace({ name: 'caller', captureInput: false, captureOutput: false })
  call<R>(fn: () => R): R {
    return fn();
  }
}

export async function startInterop(options: LangfuseModuleOptions = {}) {
  const local = await startLangfuseLocal();
  const { url: baseUrl, publicKey, secretKey } = local;
  const given = { baseUrl, publicKey, secretKey, ...options };
  const log = new NestLog();
  const module = await Test.createTestingModule({
    imports: [LangfuseModule.forRoot(given)],
    providers: [Caller],
  })
    .setLogger(log)
    .compile();
  const app = await module.init();
  const langfuse = app.get(LangfuseService);
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= app.close());
  onTestFinished(async () => {
    await close();
    await local.close();
  });

  const caller = app.get(Caller);
  /** All that arrived, after everything that was recorded has been sent. */
  const observations = async (): Promise<LocalObservation[]> => {
    await awaitAllCallbacks();
    await langfuse.flush();
    return local.observations();
  };
  return {
    langfuse,
    log,
    observations,
    close,
    /** Calls `fn` as a traced method of a service does. */
    call: <R>(fn: () => R): R => caller.call(fn),
    /** The only observation of that name, with the name of its parent. */
    observation: async (name: string) => {
      const all = await observations();
      const found = all.filter((observation) => observation.name === name);
      const [only] = found;
      if (only === undefined || found.length > 1) {
        throw new Error(`${found.length} observations are called ${name}`);
      }
      return { ...only, parent: parentName(only, all) };
    },
    /** What arrived: `TYPE name`, a line each, indented below its parent. */
    tree: async (): Promise<string[]> => treeOf(await observations()),
  };
}

function treeOf(all: readonly LocalObservation[]): string[] {
  const below = (parentId: string | null, indent: string): string[] =>
    all
      .filter(({ parentObservationId }) => parentObservationId === parentId)
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .flatMap(({ id, type, name }) => [
        `${indent}${type} ${name}`,
        ...below(id, `${indent}  `),
      ]);
  return below(null, '');
}

function parentName(
  { parentObservationId: parentId }: LocalObservation,
  all: readonly LocalObservation[],
): string | undefined {
  return all.find(({ id }) => id === parentId)?.name;
}
