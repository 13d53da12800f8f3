/** The official `LangfuseSpanProcessor` and ours, on the same application. */
import { fileURLToPath } from 'node:url';
import type {
  LangfuseSpanProcessor as OfficialProcessor,
  LangfuseSpanProcessorParams as OfficialParams,
} from '@langfuse/otel';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type {
  LangfuseSpanProcessor,
  LangfuseSpanProcessorParams,
} from '../../dist/index.js';
import { recorded, type Setup } from './processor/recorded.js';

const setup: Setup = {
  node: process.execPath,
  folder: fileURLToPath(new URL('.', import.meta.url)),
  ours: fileURLToPath(new URL('../../dist/index.js', import.meta.url)),
};

test('it fits where the official one fits, with the options of that', () => {
  expectTypeOf<LangfuseSpanProcessor>().toExtend<SpanProcessor>();
  expectTypeOf<OfficialProcessor>().toExtend<SpanProcessor>();
  type Common = Omit<OfficialParams, 'exporter' | 'mask' | 'shouldExportSpan'>;
  expectTypeOf<Common>().toExtend<LangfuseSpanProcessorParams>();
  expectTypeOf<NonNullable<OfficialParams['mask']>>().toExtend<
    NonNullable<LangfuseSpanProcessorParams['mask']>
  >();
  expectTypeOf<NonNullable<OfficialParams['shouldExportSpan']>>().toExtend<
    NonNullable<LangfuseSpanProcessorParams['shouldExportSpan']>
  >();
});

describe('through NodeSDK 2.x', () => {
  test('both send the same spans', async () => {
    const official = await recorded(setup, 'official');
    const ours = await recorded(setup, 'ours');
    expect(official).toHaveLength(11);
    expect(ours).toEqual(official);
  });

  test('of 1,000 spans in immediate mode the official one delivers 30, ours all', async () => {
    const names = async (whose: 'official' | 'ours') =>
      new Set((await recorded(setup, whose, 'flood')).map(({ name }) => name));
    expect((await names('official')).size).toBe(30);
    expect((await names('ours')).size).toBe(1_000);
  });
});
