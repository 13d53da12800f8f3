/** Bounds of open observations, whatever is recorded on them in what order. */
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { LangfuseObservation, LangfuseService } from '../../lib/index.js';
import { createRuntime } from '../../lib/langfuse.runtime.js';
import { resolveOptions } from '../../lib/options/index.js';
import { NestLog } from '../support/nest-log.js';

const MAX_BYTES = 16_384;
const INPUT = 'langfuse.observation.input';

/** One call of the application, on one of the observations so far. */
type Call = (observation: LangfuseObservation) => void;

const shortText = fc.nat({ max: 20 }).map((length) => 'x'.repeat(length));
const text = fc.oneof(
  shortText,
  fc.nat({ max: MAX_BYTES + 100 }).map((length) => 'x'.repeat(length)),
);
const value = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.array(text, { maxLength: 3 }),
  fc.array(fc.double(), { maxLength: 3 }),
);
const key = fc.constantFrom('a', 'b', INPUT);

const end: Call = (of) => of.end();

/** Attributes, events and links beyond their limits are among them. */
const call: fc.Arbitrary<Call> = fc.oneof(
  text.map(
    (input): Call =>
      (of) =>
        of.update({ input }),
  ),
  fc.tuple(key, value).map(
    ([name, given]): Call =>
      (of) =>
        of.otelSpan.setAttribute(name, given),
  ),
  fc
    .tuple(fc.constantFrom(1, 130), shortText, shortText)
    .map(([times, name, a]): Call => ({ otelSpan }) => {
      for (let i = 0; i < times; i++) otelSpan.addEvent(name, { a });
    }),
  fc
    .tuple(fc.constantFrom(1, 130), shortText)
    .map(([times, a]): Call => ({ otelSpan }) => {
      const context = otelSpan.spanContext();
      const link = { context, attributes: { a } };
      for (let i = 0; i < times; i++) otelSpan.addLink(link);
    }),
  fc.tuple(fc.constantFrom(0, 1, 2), fc.option(text, { nil: undefined })).map(
    ([code, message]): Call =>
      ({ otelSpan }) =>
        otelSpan.setStatus(
          message === undefined ? { code } : { code, message },
        ),
  ),
  text.map(
    (name): Call =>
      (of) =>
        of.otelSpan.updateName(name),
  ),
  text.map(
    (message): Call =>
      (of) =>
        of.fail(new Error(message)),
  ),
  fc.constant(end),
  fc.constant(end),
);

const step = fc.record({
  /** Which observation: of those so far, by a share of their number. */
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  starts: fc.option(fc.record({ name: text, isChild: fc.boolean() })),
  call,
});

function isOpen({ otelSpan }: LangfuseObservation): boolean {
  return otelSpan.isRecording();
}

function bytesOf(langfuse: LangfuseService): number {
  return langfuse.openObservations().reduce((sum, { bytes }) => sum + bytes, 0);
}

it('bounds hold, nothing is lost, and the count of bytes comes back to 0', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(step, { maxLength: 40 }),
      (maxOpenObservations, steps) => {
        const { service: langfuse, queue } = createRuntime(
          resolveOptions(
            {
              publicKey: 'pk',
              secretKey: 'sk',
              maxOpenObservations,
              maxOpenBytes: MAX_BYTES,
            },
            {},
          ),
          new NestLog(),
        );
        const enqueue = vi.spyOn(queue, 'enqueue').mockReturnValue();
        const started: LangfuseObservation[] = [];
        const finished = new Set<LangfuseObservation>();
        for (const { at, starts, call: record } of steps) {
          const chosen = started[Math.floor(at * started.length)];
          if (starts || !chosen) {
            const name = starts?.name ?? '';
            started.push(
              starts?.isChild && chosen
                ? chosen.startObservation(name)
                : langfuse.startObservation(name),
            );
          } else {
            record(chosen);
            if (record === end) finished.add(chosen);
          }
          const open = langfuse.openObservations();
          expect(open.length).toBeLessThanOrEqual(maxOpenObservations);
          expect(bytesOf(langfuse)).toBeLessThanOrEqual(MAX_BYTES);
          for (const { bytes } of open) expect(bytes).toBeGreaterThan(0);
          expect(open.map(({ observationId }) => observationId)).toEqual(
            started.filter(isOpen).map(({ id }) => id),
          );
          expect(enqueue).toHaveBeenCalledTimes(started.length - open.length);
          const oldest = started.findIndex(
            ({ id }) => id === open[0]?.observationId,
          );
          const younger = oldest === -1 ? [] : started.slice(oldest);
          for (const observation of younger) {
            expect(isOpen(observation)).toBe(!finished.has(observation));
          }
        }
        for (const observation of started) observation.end();
        expect(langfuse.openObservations()).toEqual([]);
        expect(enqueue).toHaveBeenCalledTimes(started.length);

        // To the byte: one that fills the bound is open, one that exceeds it not.
        const last = langfuse.startObservation('last');
        last.update({ input: '' });
        const room = MAX_BYTES - bytesOf(langfuse);
        last.update({ input: 'x'.repeat(room) });
        expect(isOpen(last)).toBe(true);
        last.update({ input: 'x'.repeat(room + 1) });
        expect(isOpen(last)).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});
