import 'reflect-metadata';

const NO_TRACE = 'langfuse:no-trace';

/**
 * Leaves a method out of a class that has `@Trace()`, and the requests that a
 * handler takes out of those that are recorded.
 *
 * @publicApi
 */
export function NoTrace(): MethodDecorator {
  return (target, key) => {
    Reflect.defineMetadata(NO_TRACE, true, target, key);
  };
}

/** Whether a handler is left out, by its class or by one that it extends. */
export function isLeftOutHandler(prototype: object, key: string): boolean {
  return Reflect.hasMetadata(NO_TRACE, prototype, key);
}

/** Whether a method is left out by its class. */
export function isLeftOut(prototype: object, key: string | symbol): boolean {
  return Reflect.hasOwnMetadata(NO_TRACE, prototype, key);
}
