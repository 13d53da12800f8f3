import 'reflect-metadata';
import { startObservation } from './langfuse-observation.js';
import type { Recorder } from './recorder.js';
import { runObserved } from './run-observed.js';
import type { TraceOptions } from './trace-options.interface.js';
import { injectRecorder, recorderOf } from './traced-class.js';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Records each call of a method as an observation: arguments, result or error,
 * duration, and its place among the calls around it. Works on methods of
 * providers and controllers, above or below other decorators; `this`, name,
 * length, metadata, result and errors of the method stay what they are.
 *
 * A promise is awaited; the observation ends when it settles. Where
 * `LangfuseModule` is not visible, or tracing is off, the method just runs.
 *
 * @param nameOrOptions name of the observation (default `Class.method`), or
 *   {@link TraceOptions}
 * @throws TypeError at class definition when it stands on anything but an
 *   instance method
 * @example
 * ```ts
 * @Trace({ asType: 'retriever' })
 * search(question: string): Promise<Passage[]> { … }
 * ```
 * @publicApi
 */
export function Trace(
  nameOrOptions: string | TraceOptions = {},
): MethodDecorator {
  const options =
    typeof nameOrOptions === 'string' ? { name: nameOrOptions } : nameOrOptions;
  return <T>(
    target: object,
    key: string | symbol,
    descriptor?: TypedPropertyDescriptor<T>,
  ) => {
    const method: unknown = descriptor?.value;
    const member = `${ownerName(target)}.${String(key)}`;
    if (typeof target === 'function') {
      throw new TypeError(
        `@Trace() on static ${member}: only instance methods can be traced; ` +
          'make it an instance method of a provider.',
      );
    }
    if (descriptor === undefined || typeof method !== 'function') {
      throw new TypeError(
        `@Trace() on ${member}: it is no method; only methods can be traced.`,
      );
    }
    injectRecorder(target);
    descriptor.value = traced(method as Method, member, options) as T;
    return descriptor;
  };
}

/**
 * A Proxy, and not a function around the method: name, length and own
 * properties stay. Metadata is kept by identity, so it is copied; what
 * decorators further up add lands on the Proxy by itself.
 */
function traced(method: Method, member: string, options: TraceOptions): Method {
  const proxy = new Proxy(method, {
    apply(target, self: unknown, args: unknown[]) {
      const recorder = recorderOf(self);
      return recorder?.isOn
        ? record(recorder, () => Reflect.apply(target, self, args), args, {
            ...options,
            name: options.name ?? member,
          })
        : Reflect.apply(target, self, args);
    },
  });
  for (const key of Reflect.getMetadataKeys(method)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), proxy);
  }
  return proxy;
}

function record(
  recorder: Recorder,
  call: () => unknown,
  args: readonly unknown[],
  options: TraceOptions & { readonly name: string },
): unknown {
  const { name, asType = 'span', captureInput, captureOutput } = options;
  const observation = startObservation(
    recorder,
    name,
    captureInput === false ? undefined : { input: inputOf(args) },
    { asType },
  );
  return runObserved(recorder, observation, call, {
    returned(output) {
      if (captureOutput !== false) observation.update({ output });
      observation.end();
    },
    threw(error) {
      observation.fail(error).end();
    },
  });
}

function inputOf(args: readonly unknown[]): unknown {
  return args.length > 1 ? args : args[0];
}

function ownerName(target: object): string {
  return typeof target === 'function' ? target.name : target.constructor.name;
}
