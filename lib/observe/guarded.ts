/**
 * Calls a function of the application, which may throw and, in spite of its
 * type, be asynchronous and reject: neither may reach who is traced.
 */
export function guarded<T, F>(
  fn: () => T,
  failed: (error: unknown) => F,
): T | F {
  try {
    const value = fn();
    if (value instanceof Promise) value.catch(() => undefined);
    return value;
  } catch (error) {
    return failed(error);
  }
}
