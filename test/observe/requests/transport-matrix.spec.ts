/**
 * Every transport × every kind of result that Nest takes from its handlers ×
 * success, failure, early end × `@Trace()` on the handler and on its class.
 */
import 'reflect-metadata';
import { Inject, type Type } from '@nestjs/common';
import { concat, defer, type Observable, of } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LangfuseService, Trace } from '../../../lib/index.js';
import { TracedApplication } from '../../support/traced-application.js';
import { signal } from './requests-support.js';
import { type Transport, TRANSPORTS } from './transports.js';

type Outcome = 'success' | 'failure' | 'leave';

/** A handler that waits for its client to leave, and what lets it go on. */
let waiting = signal();
let left = signal();

async function patience(outcome: Outcome): Promise<void> {
  if (outcome !== 'leave') return;
  waiting.give();
  await left.given;
}

function finish(outcome: Outcome, work: () => void, value: string): string {
  work();
  if (outcome === 'failure') throw new Error('out of words');
  return value;
}

async function whole(outcome: Outcome, work: () => void): Promise<string> {
  await patience(outcome);
  return finish(outcome, work, 'one two');
}

function inParts(outcome: Outcome, work: () => void): Observable<string> {
  const last = defer(async () => {
    await patience(outcome);
    return finish(outcome, work, 'two');
  });
  return concat(of('one '), last);
}

/** What a handler returns. */
const RESULTS = {
  value: (outcome: Outcome, work: () => void) =>
    finish(outcome, work, 'one two'),
  promise: whole,
  observable: inParts,
  async promiseOfObservable(outcome: Outcome, work: () => void) {
    await Promise.resolve();
    return inParts(outcome, work);
  },
};

type Kind = keyof typeof RESULTS;

const KINDS = Object.keys(RESULTS) as Kind[];
const isObservable = (kind: Kind) => kind.toLowerCase().includes('observable');

const PLACES = ['Method', 'Class'] as const;
type Place = (typeof PLACES)[number];

const keyOf = (kind: Kind, place: Place) => `${kind}On${place}`;

/** A class with one handler for each kind. */
function handlersOf(transport: Transport, place: Place): Type {
  class Handlers {
    constructor(readonly langfuse: LangfuseService) {}
  }
  Inject(LangfuseService)(Handlers, undefined, 0);
  const { prototype } = Handlers;
  for (const kind of KINDS) {
    const key = keyOf(kind, place);
    const descriptor: TypedPropertyDescriptor<unknown> = {
      configurable: true,
      writable: true,
      value(this: Handlers, outcome: Outcome) {
        return RESULTS[kind](outcome, () =>
          this.langfuse.startObservation('inside').end(),
        );
      },
    };
    Reflect.defineMetadata('design:paramtypes', [String], prototype, key);
    transport.onArgument(prototype, key, 0);
    if (place === 'Method') Trace()(prototype, key, descriptor);
    transport.onHandler(key)(prototype, key, descriptor);
    Object.defineProperty(prototype, key, descriptor);
  }
  if (place === 'Class') Trace()(Handlers);
  transport.onClass(Handlers);
  return Handlers;
}

describe.each(TRANSPORTS)('$name', (transport) => {
  const kinds = transport.name.startsWith('SSE')
    ? KINDS.filter(isObservable)
    : KINDS;
  const cases = kinds.flatMap((kind) =>
    PLACES.map((place) => ({ kind, place })),
  );
  const sendsAll = transport.sends === 'all values';

  let traced: TracedApplication;
  beforeAll(async () => {
    traced = await TracedApplication.start({
      ...transport.options(),
      [transport.holds]: PLACES.map((place) => handlersOf(transport, place)),
      langfuse: { flushAt: 1, traceRequests: true },
    });
    await traced.app.startAllMicroservices();
    await traced.listen();
  });
  afterAll(() => traced.close());

  const requested = (key: string, outcome: Outcome) =>
    traced.local.waitFor((local) =>
      local
        .observations({ name: transport.requestName(key) })
        .find(({ input }) => String(input).includes(outcome)),
    );

  /** What came of one request: its observation, the handler's, that within. */
  async function observed(key: string, outcome: Outcome) {
    const request = await requested(key, outcome);
    const { traceId } = request;
    const call = await traced.local.waitFor(
      (local) => local.observations({ traceId, name: `Handlers.${key}` })[0],
    );
    await traced.langfuse.flush();
    const [inside] = traced.local.observations({ traceId, name: 'inside' });
    expect(request.parentObservationId).toBeNull();
    expect(call).toMatchObject({
      parentObservationId: request.id,
      input: outcome,
    });
    expect(call.startTime >= request.startTime).toBe(true);
    return { request, call, inside };
  }

  it.each(cases)(
    '$kind, @Trace() on $place: success',
    async ({ kind, place }) => {
      const key = keyOf(kind, place);
      const client = await transport.connect(traced);
      await client.ask(key, 'success');
      const { request, call, inside } = await observed(key, 'success');
      await client.leave();
      const fine = { level: 'DEFAULT', statusMessage: null };
      expect(call).toMatchObject({ ...fine, output: 'one two' });
      expect(request).toMatchObject(fine);
      expect(textOf(request.output)).toBe(
        isObservable(kind) && !sendsAll ? 'two' : 'one two',
      );
      expect(inside!.parentObservationId).toBe(call.id);
      expect(inside!.startTime >= call.startTime).toBe(true);
      expect(inside!.endTime! <= call.endTime!).toBe(true);
      expect(call.endTime! <= request.endTime!).toBe(true);
    },
  );

  it.each(cases)(
    '$kind, @Trace() on $place: failure',
    async ({ kind, place }) => {
      const key = keyOf(kind, place);
      const client = await transport.connect(traced);
      await client.ask(key, 'failure').catch(() => undefined);
      const { request, call, inside } = await observed(key, 'failure');
      await client.leave();
      const broken = { level: 'ERROR', statusMessage: 'out of words' };
      const isBegun = isObservable(kind);
      expect(call).toMatchObject({
        ...broken,
        output: isBegun ? 'one ' : null,
      });
      expect(request).toMatchObject(broken);
      expect(textOf(request.output)).toBe(isBegun && sendsAll ? 'one ' : null);
      expect(inside!.parentObservationId).toBe(call.id);
      expect(inside!.endTime! <= call.endTime!).toBe(true);
      expect(call.endTime! <= request.endTime!).toBe(true);
    },
  );

  it.each(cases.filter(({ kind }) => kind !== 'value'))(
    '$kind, @Trace() on $place: the client leaves',
    async ({ kind, place }) => {
      waiting = signal();
      left = signal();
      const key = keyOf(kind, place);
      const client = await transport.connect(traced);
      client.ask(key, 'leave').catch(() => undefined);
      await waiting.given;
      await client.leave();
      const { leftMessage: statusMessage } = transport;
      if (statusMessage) await requested(key, 'leave');
      left.give();
      const { request, call } = await observed(key, 'leave');
      expect(request).toMatchObject(
        statusMessage
          ? { level: 'WARNING', statusMessage }
          : { level: 'DEFAULT', statusMessage: null },
      );
      const isStopped =
        isObservable(kind) && transport.onLeave === 'unsubscribes';
      expect(call).toMatchObject({
        level: 'DEFAULT',
        statusMessage: isStopped ? 'stopped after 1 chunk' : null,
        output: isStopped ? 'one ' : 'one two',
      });
    },
  );
});

/** Of a GraphQL operation the output is an object of its fields. */
function textOf(output: string | null): unknown {
  if (!output?.startsWith('{')) return output;
  return Object.values(JSON.parse(output) as object)[0];
}
