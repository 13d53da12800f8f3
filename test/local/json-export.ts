/** Exports as OTLP/JSON, and a fresh receiver for each spec to send them to. */
import { afterEach, beforeEach, expect } from 'vitest';
import {
  startLangfuseLocal,
  type LangfuseLocalServer,
} from '../../lib/local/index.js';
import { SPAN_ID, TRACE_ID } from './export-request.js';
import { postJsonTraces, request } from './local-client.js';

export const OBSERVATIONS = '/api/public/v2/observations';

/** Variables of a spec file: `local` is another receiver in every spec. */
export interface Fresh {
  local: LangfuseLocalServer;
}

/** Runs a receiver around each spec of the calling file. */
export function useFreshReceiver(): Fresh {
  const fresh = {} as Fresh;
  beforeEach(async () => {
    fresh.local = await startLangfuseLocal();
  });
  afterEach(() => fresh.local.close());
  return fresh;
}

/** One scope with what stands in place of its spans. */
export function jsonExport(
  spans: unknown,
  scope: unknown = { name: 'langfuse-sdk' },
): object {
  return { resourceSpans: [{ scopeSpans: [{ scope, spans }] }] };
}

export function jsonSpan(fields: object = {}): object {
  return { traceId: TRACE_ID, spanId: SPAN_ID, name: 'ask', ...fields };
}

/** Nothing came of the last request, and the next one is served as ever. */
export async function expectUnharmed(
  local: LangfuseLocalServer,
): Promise<void> {
  expect(local.observations()).toEqual([]);
  expect(await postJsonTraces(local, jsonExport([jsonSpan()]))).toMatchObject({
    status: 200,
  });
  expect(local.observations()).toHaveLength(1);
  expect(await request(local, OBSERVATIONS)).toMatchObject({
    status: 200,
    body: { data: [{ id: SPAN_ID }] },
  });
}
