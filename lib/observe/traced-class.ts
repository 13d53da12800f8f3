import 'reflect-metadata';
import { Inject, Optional } from '@nestjs/common';
import { isLeftOut } from './no-trace.decorator.js';
import { Recorder } from './recorder.js';

/** The property of an instance where Nest puts a project's recorder. */
export type RecorderSlot = symbol;

/** What slots are called, in every copy of this package. */
const SLOT = 'langfuse:recorder';

/** Those of this copy, by project. */
const slots = new Map<string | undefined, RecorderSlot>();

/** Where an instance has the recorder of a project. */
export function recorderSlot(project: string | undefined): RecorderSlot {
  let slot = slots.get(project);
  if (!slot) slots.set(project, (slot = Symbol(SLOT)));
  return slot;
}

/**
 * The injection token of a project's recorder. No text: a class that another
 * copy of this package decorates would get a recorder that it cannot read.
 */
export function recorderToken(project?: string) {
  return project === undefined ? Recorder : recorderSlot(project);
}

/**
 * Has Nest inject a project's recorder into all instances of a class. By property, so
 * that constructors stay what they are; optional, so that the class also works
 * outside of Nest and where the module is not visible. Through Nest, so that
 * two applications in one process do not share anything.
 */
export function injectRecorder(
  prototype: object,
  project: string | undefined,
): void {
  const slot = recorderSlot(project);
  // Nest keeps a list per class and would inject once for each traced method.
  if (slot in prototype) return;
  Object.defineProperty(prototype, slot, { value: undefined, writable: true });
  Inject(recorderToken(project))(prototype, slot);
  Optional()(prototype, slot);
}

/** The recorder of an instance; undefined where Nest gave it none. */
export function recorderOf(
  instance: unknown,
  slot: RecorderSlot,
): Recorder | undefined {
  return (instance as Record<symbol, Recorder> | null | undefined)?.[slot];
}

/** Does for an instance what Nest does for those that it makes itself. */
export function giveRecorder(
  instance: object,
  project: string | undefined,
  recorder: Recorder,
): void {
  // Reflect: a frozen instance stays untraced and throws nothing.
  Reflect.set(instance, recorderSlot(project), recorder);
}

/** Projects that methods of `instance` are traced in, but have no recorder of. */
export function missingProjects(
  instance: object,
): readonly (string | undefined)[] {
  try {
    return [...slots]
      .filter(([, slot]) => slot in instance && !recorderOf(instance, slot))
      .map(([project]) => project);
  } catch {
    // A Proxy of the application may refuse even this.
    return [];
  }
}

/** Whether `instance` lacks a recorder of another copy of this package. */
export function lacksOtherCopy(instance: object): boolean {
  try {
    const own = new Set<symbol>(slots.values());
    let holder: object | null = instance;
    for (; holder; holder = Reflect.getPrototypeOf(holder)) {
      const others = Object.getOwnPropertySymbols(holder).filter(
        (symbol) => symbol.description === SLOT && !own.has(symbol),
      );
      if (others.some((slot) => !recorderOf(instance, slot))) return true;
    }
  } catch {
    // A Proxy of the application may refuse even this.
  }
  return false;
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
