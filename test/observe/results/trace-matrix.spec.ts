/** Every kind of result, to every end, on methods and on classes. */
import { Injectable, type Type } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import { FAILURE, type Kind, KINDS, type Outcome } from './kinds.js';

type Maker = Record<string, (outcome: Outcome) => unknown>;

/** A class with one method for each kind. */
function makerOf(className: string, isTraced: (kind: Kind) => boolean) {
  class Source {
    constructor(readonly langfuse: LangfuseService) {}
  }
  Object.defineProperty(Source, 'name', { value: className });
  for (const kind of KINDS) {
    const descriptor: TypedPropertyDescriptor<unknown> = {
      configurable: true,
      writable: true,
      value(this: Source, outcome: Outcome) {
        return kind.make(outcome, () =>
          this.langfuse.startObservation('inside').end(),
        );
      },
    };
    if (isTraced(kind)) Trace()(Source.prototype, kind.name, descriptor);
    Object.defineProperty(Source.prototype, kind.name, descriptor);
  }
  Reflect.defineMetadata('design:paramtypes', [LangfuseService], Source);
  Injectable()(Source);
  return Source as unknown as Type<Maker>;
}

const OnMethod = makerOf('OnMethod', () => true);
const OnClass = makerOf('OnClass', () => false);
Trace()(OnClass);
const Bare = makerOf('Bare', () => false);

const CASES = KINDS.flatMap((kind) =>
  (['success', 'failure', 'early end'] as const)
    .filter((outcome) => kind.isStream || outcome !== 'early end')
    .flatMap((outcome) =>
      [OnMethod, OnClass].map((place) => ({
        kind,
        outcome,
        place,
        title: `${kind.name} × ${outcome} × ${place.name}`,
      })),
    ),
);

let traced: TracedApplication;
beforeAll(async () => {
  traced = await TracedApplication.start({
    providers: [OnMethod, OnClass, Bare],
  });
});
afterAll(() => traced.close());

async function readOf(
  source: Maker,
  { name, read }: Kind,
  outcome: Outcome,
): Promise<unknown> {
  try {
    return await read(source[name]!(outcome), outcome);
  } catch (error) {
    return error;
  }
}

describe('a result is followed to its end', () => {
  it.each(CASES)('$title', async ({ kind, outcome, place }) => {
    const { langfuse } = traced;
    let traceId = '';
    const got = await langfuse.startActiveObservation(
      'caller',
      async (root) => {
        ({ traceId } = root);
        const result = await readOf(traced.get(place), kind, outcome);
        // The destroyed stream tells its reader first.
        await new Promise((resolve) => setImmediate(resolve));
        expect(langfuse.getActiveObservationId()).toBe(root.id);
        langfuse.startObservation('afterwards').end();
        return result;
      },
    );
    expect(got).toEqual(await readOf(traced.get(Bare), kind, outcome));

    const observations = await traced.observations(traceId);
    const named = (name: string) =>
      observations.filter((observation) => observation.name === name);
    const [caller] = named('caller');
    const [call, ...others] = named(`${place.name}.${kind.name}`);
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      parentObservationId: caller!.id,
      input: outcome,
      level: outcome === 'failure' ? 'ERROR' : 'DEFAULT',
      statusMessage: {
        success: null,
        failure: FAILURE.message,
        'early end': 'stopped after 1 chunk',
      }[outcome],
    });
    if (outcome === 'success') expect(call!.output).toBe('one two three');
    if (outcome === 'early end') expect(call!.output).toBe('one ');
    if (outcome === 'failure' && kind.isStream) {
      expect(call!.output ?? 'one ').toBe('one ');
    }
    expect(Boolean(call!.completionStartTime)).toBe(
      kind.isStream && !(outcome === 'failure' && call!.output === null),
    );
    const inside = named('inside');
    expect(inside.length).toBeGreaterThan(0);
    for (const { parentObservationId, startTime, endTime } of inside) {
      expect(parentObservationId).toBe(call!.id);
      expect(startTime >= call!.startTime).toBe(true);
      expect(endTime! <= call!.endTime!).toBe(true);
    }
    expect(call!.startTime >= caller!.startTime).toBe(true);
    expect(call!.endTime! <= caller!.endTime!).toBe(true);
    const [afterwards] = named('afterwards');
    expect(afterwards!.parentObservationId).toBe(caller!.id);
    expect(call!.endTime! <= afterwards!.startTime).toBe(true);
    if (call!.completionStartTime) {
      expect(call!.completionStartTime >= call!.startTime).toBe(true);
    }
  });
});
