/** Detectors that do not answer: time has to pass, so on a clock of our own. */
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { expect, it } from 'vitest';
import { Capture } from '../../lib/observe/index.js';
import { SpanOrigins } from '../../lib/otel/span-origins.js';
import { wireAttributesOf } from '../../lib/otel/wire-span-of.js';
import type { BatchFrame } from '../../lib/wire/index.js';
import { FakeClock } from '../support/fake-clock.js';

const capture = new Capture({ maxValueBytes: 10_000 });

function originsOn(clock: FakeClock): SpanOrigins {
  return new SpanOrigins({
    clock,
    wireAttributes: (given) => wireAttributesOf(given, capture),
    masked: (attributes) => ({ attributes, isComplete: true }),
  });
}

function spanOf(resource: ReadableSpan['resource']): ReadableSpan {
  return {
    resource,
    instrumentationScope: { name: 'ai' },
  } as Partial<ReadableSpan> as ReadableSpan;
}

const textOf = ({ resource }: BatchFrame) => Buffer.from(resource).toString();

it('attributes that never come are waited for once, and not for ever', async () => {
  const clock = new FakeClock();
  const origins = originsOn(clock);
  const never = new Promise<string>(() => undefined);
  const resource = resourceFromAttributes({ known: 'yes', late: never });
  const origin = origins.of(spanOf(resource));
  expect(origin).toBeInstanceOf(Promise);
  expect(clock.armed).toEqual([{ inMs: 2_000, holds: false }]);
  await clock.advance(2_000);
  expect(textOf(await origin)).toContain('known');
  // From then on nobody waits.
  expect(origins.of(spanOf(resource))).not.toBeInstanceOf(Promise);
});

it('attributes that come after all are there from then on', async () => {
  const clock = new FakeClock();
  const origins = originsOn(clock);
  let detected: (value: string) => void = () => undefined;
  const late = new Promise<string>((resolve) => (detected = resolve));
  const resource = resourceFromAttributes({ late });
  const first = origins.of(spanOf(resource));
  await clock.advance(2_000);
  expect(textOf(await first)).not.toContain('shop');
  detected('shop');
  await resource.waitForAsyncAttributes?.();
  expect(textOf(await origins.of(spanOf(resource)))).toContain('shop');
});

it('an SDK that breaks while it detects costs no span', async () => {
  const resource = {
    ...resourceFromAttributes({}),
    attributes: { known: 'yes' },
    asyncAttributesPending: true,
    waitForAsyncAttributes: () => Promise.reject(new Error('no network')),
  } as ReadableSpan['resource'];
  const origin = await originsOn(new FakeClock()).of(spanOf(resource));
  expect(textOf(origin)).toContain('known');
});

it('process and library are encoded once', () => {
  const origins = originsOn(new FakeClock());
  const span = spanOf(resourceFromAttributes({ a: 1 }));
  const first = origins.of(span) as BatchFrame;
  const second = origins.of(span) as BatchFrame;
  expect(second.resource).toBe(first.resource);
  expect(second.scope).toBe(first.scope);
});
