import 'reflect-metadata';
import { Inject, Optional } from '@nestjs/common';
import { isLeftOut } from './no-trace.decorator.js';
import { Recorder } from './recorder.js';

/** Where Nest puts the recorder of an instance. */
const RECORDER = Symbol('langfuse:recorder');

/** An instance of a class with traced methods. */
interface Traced {
  readonly [RECORDER]?: Recorder;
}

/**
 * Has Nest inject the recorder into all instances of a class. By property, so
 * that constructors stay what they are; optional, so that the class also works
 * outside of Nest and where the module is not visible. Through Nest, so that
 * two applications in one process do not share anything.
 */
export function injectRecorder(prototype: object): void {
  // Nest keeps a list per class and would inject once for each traced method.
  if (RECORDER in prototype) return;
  Object.defineProperty(prototype, RECORDER, {
    value: undefined,
    writable: true,
  });
  Inject(Recorder)(prototype, RECORDER);
  Optional()(prototype, RECORDER);
}

/** The recorder of an instance; undefined where Nest gave it none. */
export function recorderOf(instance: unknown): Recorder | undefined {
  return (instance as Traced | null | undefined)?.[RECORDER];
}

/** Does for an instance what Nest does for those that it makes itself. */
export function giveRecorder(instance: object, recorder: Recorder): void {
  // Reflect: a frozen instance stays untraced and throws nothing.
  Reflect.set(instance, RECORDER, recorder);
}

/** Whether `instance` has traced methods but no recorder to trace them with. */
export function isTracedInVain(instance: object): boolean {
  try {
    return RECORDER in instance && recorderOf(instance) === undefined;
  } catch {
    // A Proxy of the application may refuse even this.
    return false;
  }
}

/** Says that a method of a class is traced. */
const TRACED = 'langfuse:trace';

/** Nest calls these once, at start and shutdown. */
const LIFECYCLE_HOOKS: readonly (string | symbol)[] = [
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
];

/** `Symbol.iterator`, `Symbol.toPrimitive`, … */
const WELL_KNOWN_SYMBOLS = new Set<unknown>(
  Object.values(Object.getOwnPropertyDescriptors(Symbol)).map(
    ({ value }): unknown => value,
  ),
);

/** So that a class's `@Trace()` passes the method over. */
export function setTraced(prototype: object, key: string | symbol): void {
  Reflect.defineMetadata(TRACED, true, prototype, key);
}

/** The methods that `@Trace()` on a class is about. */
export function ownMethodsToTrace(
  prototype: object,
): readonly [string | symbol, PropertyDescriptor][] {
  return Reflect.ownKeys(prototype).flatMap((key) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(prototype, key);
    return typeof descriptor?.value === 'function' &&
      key !== 'constructor' &&
      !LIFECYCLE_HOOKS.includes(key) &&
      !isProtocol(key) &&
      !isLeftOut(prototype, key) &&
      !Reflect.hasOwnMetadata(TRACED, prototype, key)
      ? [[key, descriptor] as [string | symbol, PropertyDescriptor]]
      : [];
  });
}

/** Registered symbols are how Node and libraries call each other. */
function isProtocol(key: string | symbol): boolean {
  return (
    typeof key === 'symbol' &&
    (WELL_KNOWN_SYMBOLS.has(key) || Symbol.keyFor(key) !== undefined)
  );
}
