import 'reflect-metadata';
import type { ObservationType } from '../wire/index.js';
import type {
  StaticTraceOptions,
  TraceOptions,
  TraceResult,
  UntypedTraceOptions,
} from './trace-options.interface.js';
import {
  injectRecorder,
  ownMethodsToTrace,
  setTraced,
} from './traced-class.js';
import { type Method, traced } from './traced-method.js';

/**
 * Stands on methods of the type that its options are written for, and on
 * classes.
 *
 * @publicApi
 */
export interface TraceDecorator<Args extends readonly unknown[], Returned> {
  (target: abstract new (...args: never) => unknown): void;
  (
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<(...args: Args) => Returned>,
  ): TypedPropertyDescriptor<(...args: Args) => Returned>;
}

/**
 * Records each call of a method as an observation: arguments, result or error,
 * duration, and its place among the calls around it. Works on methods of
 * providers and controllers, above or below other decorators; `this`, name,
 * length, metadata, result and errors of the method stay what they are.
 *
 * The observation lasts as long as the result: until a promise settles or a
 * stream, generator or Observable ends, fails or is left. Of an Observable each
 * subscription is one observation; a generator begins with its first step. A
 * stream that is left early says so in its status message, with the level
 * `WARNING` when nothing had been read of it. Query builders and other lazy
 * thenables are never run; their observation ends at once.
 *
 * On a class it stands for all methods of that class itself but for Nest's
 * lifecycle hooks, methods that symbols of the language or of Node name,
 * accessors, and those with `@NoTrace()`. A method's own `@Trace()` goes before.
 *
 * Where `LangfuseModule` is not visible, or tracing is off, the method just runs.
 *
 * @param nameOrOptions name of the observation (default `Class.method`; on a
 *   class it stands for the class), or {@link TraceOptions}
 * @throws TypeError at class definition when it stands on anything but a class
 *   or an instance method
 * @example
 * ```ts
 * @Trace({ asType: 'retriever' })
 * search(question: string): Promise<Passage[]> { … }
 *
 * @Trace({
 *   asType: 'generation',
 *   captureInput: (question) => question.text,
 *   onResult: ({ model, usage }) => ({ model, usageDetails: usage }),
 * })
 * answer(question: Question): Promise<Completion> { … }
 * ```
 * @publicApi
 */
export function Trace(
  nameOrOptions?:
    | string
    | (StaticTraceOptions & { onResult?: undefined; reduce?: undefined }),
): ClassDecorator & MethodDecorator;
export function Trace<
  Args extends readonly unknown[],
  Returned,
  Type extends ObservationType = 'span',
  Result = TraceResult<Returned>,
>(
  options: TraceOptions<Args, Returned, Type, Result>,
): TraceDecorator<Args, Returned>;
export function Trace(nameOrOptions: string | object = {}): unknown {
  const options: UntypedTraceOptions =
    typeof nameOrOptions === 'string' ? { name: nameOrOptions } : nameOrOptions;
  return (target: object, key?: string | symbol, descriptor?: unknown) => {
    if (key !== undefined || descriptor !== undefined) {
      return traceMember(target, key, descriptor, options);
    }
    return traceClass(target, options);
  };
}

function traceMember(
  target: object,
  key: string | symbol | undefined,
  descriptor: unknown,
  options: UntypedTraceOptions,
): PropertyDescriptor {
  if (key === undefined) {
    throw new TypeError(
      `@Trace() on a parameter of ${ownerName(target)}: only classes and ` +
        'methods can be traced.',
    );
  }
  const member = `${ownerName(target)}.${String(key)}`;
  if (typeof target === 'function') {
    throw new TypeError(
      `@Trace() on static ${member}: only instance methods can be traced; ` +
        'make it an instance method of a provider.',
    );
  }
  if (!isMethodDescriptor(descriptor)) {
    throw new TypeError(
      `@Trace() on ${member}: it is no method; only methods can be traced.`,
    );
  }
  injectRecorder(target, options.project);
  setTraced(target, key);
  const { value: method } = descriptor;
  const name = typeof options.name === 'string' ? options.name : member;
  descriptor.value = traced({ method, prototype: target, key, name, options });
  // For code that applies decorators by hand.
  return descriptor;
}

function traceClass(target: object, options: UntypedTraceOptions): void {
  const { prototype } = target as { prototype?: object };
  if (typeof target !== 'function' || !prototype) {
    throw new TypeError(
      `@Trace() on ${String(target)}: only classes and methods can be traced.`,
    );
  }
  const owner = typeof options.name === 'string' ? options.name : target.name;
  for (const [key, descriptor] of ownMethodsToTrace(prototype)) {
    injectRecorder(prototype, options.project);
    setTraced(prototype, key);
    const method = descriptor.value as Method;
    const name = `${owner}.${String(key)}`;
    const value = traced({ method, prototype, key, name, options });
    Object.defineProperty(prototype, key, { ...descriptor, value });
  }
}

function isMethodDescriptor(descriptor: unknown): descriptor is {
  value: Method;
} {
  return (
    typeof descriptor === 'object' &&
    descriptor !== null &&
    typeof (descriptor as { value?: unknown }).value === 'function'
  );
}

function ownerName(target: object): string {
  return typeof target === 'function' ? target.name : target.constructor.name;
}
