import 'reflect-metadata';
import { context as otelContext } from '@opentelemetry/api';
import { threwMark } from './capture/index.js';
import { observationParameters } from './current-observation.decorator.js';
import { guarded } from './guarded.js';
import type { GenerationAttributes } from './observation-attributes.js';
import type { Recorder } from './recorder.js';
import { isCold, watchResult } from './results/watch-result.js';
import type { UntypedTraceOptions } from './trace-options.interface.js';
import { type CallStart, TracedCall } from './traced-call.js';
import { recorderOf, recorderSlot } from './traced-class.js';

export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** A method and what is to be recorded of it. */
export interface MethodToTrace {
  readonly method: Method;
  readonly prototype: object;
  readonly key: string | symbol;
  /** Name of the observation where the options have no function for it. */
  readonly name: string;
  readonly options: UntypedTraceOptions;
}

/**
 * The method as a Proxy, and not as a function around it: name, length and own
 * properties stay. Metadata is kept by identity, so it is copied; what
 * decorators further up add lands on the Proxy by itself.
 */
export function traced(traceable: MethodToTrace): Method {
  const { method, prototype, key, options } = traceable;
  const parameters = observationParameters(prototype, key);
  const slot = recorderSlot(options.project);
  const proxy = new Proxy(method, {
    apply(target, self: unknown, args: unknown[]) {
      const recorder = recorderOf(self, slot);
      return recorder?.isOn
        ? record(recorder, traceable, self, args, parameters)
        : Reflect.apply(target, self, args);
    },
  });
  for (const metadataKey of Reflect.getMetadataKeys(method)) {
    const value: unknown = Reflect.getMetadata(metadataKey, method);
    Reflect.defineMetadata(metadataKey, value, proxy);
  }
  return proxy;
}

function record(
  recorder: Recorder,
  traceable: MethodToTrace,
  self: unknown,
  args: unknown[],
  parameters: readonly number[],
): unknown {
  const { method } = traceable;
  const given = parameters.length > 0 ? without(args, parameters) : args;
  const start = startOf(recorder, traceable, given);
  const call = new TracedCall(recorder, recorder.scope, start);
  if (parameters.length > 0) {
    call.begin();
    for (const index of parameters) args[index] = call.observation;
  }
  let result: unknown;
  try {
    result = call.enter(() => Reflect.apply(method, self, args));
  } catch (error) {
    call.threw(error);
    throw error;
  }
  if (!call.hasBegun && isCold(result)) call.waitForReader();
  else call.begin();
  return watchResult(result, call);
}

/** Selectors run before the method, which may change its arguments. */
function startOf(
  recorder: Recorder,
  { name: fallback, options }: MethodToTrace,
  args: readonly unknown[],
): CallStart {
  const { captureInput = true, level, version } = options;
  const attributes: {
    -readonly [K in keyof GenerationAttributes]: GenerationAttributes[K];
  } = {};
  if (captureInput !== false) {
    const input =
      captureInput === true
        ? inputOf(args)
        : guarded(() => captureInput(...args), threwMark);
    attributes.input = recorder.capture.value(input);
  }
  if (level !== undefined) attributes.level = level;
  if (version !== undefined) attributes.version = version;
  let { metadata } = options;
  let name = fallback;
  let threw: Record<string, string> | undefined;
  if (typeof metadata === 'function') {
    const make = metadata;
    metadata = guarded(
      () => make(...args),
      (error) => ({ 'langfuse_threw.metadata': threwMark(error) }),
    );
  }
  if (typeof options.name === 'function') {
    const make = options.name;
    name = guarded(
      () => String(make(...args)),
      (error) => {
        threw = { 'langfuse_threw.name': threwMark(error) };
        return fallback;
      },
    );
  }
  attributes.metadata = threw ? { ...metadata, ...threw } : metadata;
  return {
    name,
    options,
    attributes,
    startTime: performance.now(),
    context: otelContext.active(),
  };
}

function inputOf(args: readonly unknown[]): unknown {
  return args.length > 1 ? args : args[0];
}

function without(
  args: readonly unknown[],
  indexes: readonly number[],
): readonly unknown[] {
  return args.filter((_, index) => !indexes.includes(index));
}
