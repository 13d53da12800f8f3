/** The server says null of what it does not have; a test, undefined. */
export function given<T>(value: T | null): T | undefined {
  return value ?? undefined;
}
