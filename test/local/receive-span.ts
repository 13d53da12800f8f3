/** Sends single spans to a receiver of its own and reads them back. */
import { afterAll, beforeAll } from 'vitest';
import {
  startLangfuseLocal,
  type LangfuseLocalServer,
  type LocalObservation,
} from '../../lib/local/index.js';
import {
  exportOf,
  type PlainAttribute,
  type RequestInput,
  type SpanInput,
} from './export-request.js';
import { postTraces } from './local-client.js';

let server: LangfuseLocalServer | undefined;
let traceNumber = 0;

/** Runs a receiver for the specs of the calling file. */
export function useReceiver(): void {
  beforeAll(async () => {
    server = await startLangfuseLocal();
  });
  afterAll(() => server?.close());
}

export function receiver(): LangfuseLocalServer {
  if (server === undefined) {
    throw new Error('call useReceiver() at the top of the spec file');
  }
  return server;
}

/** An id that no other span of the file has. */
export function newTraceId(): string {
  traceNumber += 1;
  return traceNumber.toString(16).padStart(32, '0');
}

export async function received(
  span: SpanInput,
  request?: RequestInput,
): Promise<LocalObservation> {
  const traceId = newTraceId();
  await postTraces(receiver(), exportOf([{ ...span, traceId }], request));
  return receiver().observations({ traceId })[0]!;
}

export function withAttributes(
  attributes: Readonly<Record<string, PlainAttribute>>,
  request?: RequestInput,
): Promise<LocalObservation> {
  return received({ attributes }, request);
}
