// An object that behaves as another one, but for some of its methods.

export type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * What takes the place of a method; undefined leaves it as it is. Called once
 * for each method that is used.
 */
export type ReplaceMethod<T extends object> = (
  key: PropertyKey,
  method: Method,
  proxy: T,
) => Method | undefined;

/**
 * A Proxy of `source`. Its methods run on `source` itself: private fields and
 * built-in objects do not know a Proxy. Methods that return `source` return the
 * Proxy, so that chains stay watched.
 */
export function standInFor<T extends object>(
  source: T,
  replace: ReplaceMethod<T>,
): T {
  const methods = new Map<PropertyKey, { from: unknown; to: Method }>();
  const proxy: T = new Proxy(source, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function' || key === 'constructor') return value;
      if (isFixed(target, key)) return value;
      const known = methods.get(key);
      if (known?.from === value) return known.to;
      const method = value as Method;
      const to = replace(key, method, proxy) ?? onSource(method);
      methods.set(key, { from: value, to });
      return to;
    },
    set: (target, key, value) => Reflect.set(target, key, value),
  });

  const onSource = (method: Method): Method =>
    function (this: unknown, ...args) {
      const self = this === proxy ? source : this;
      const result = Reflect.apply(method, self, args);
      return result === source ? proxy : result;
    };
  return proxy;
}

/** A Proxy must show such a property as it is. */
function isFixed(target: object, key: PropertyKey): boolean {
  const own = Reflect.getOwnPropertyDescriptor(target, key);
  return own?.configurable === false && own.writable === false;
}

/** Whether `value` has a method of that name. */
export function hasMethod(value: object, key: PropertyKey): boolean {
  return typeof (value as Record<PropertyKey, unknown>)[key] === 'function';
}
