/**
 * The message of whatever was thrown. Never throws. Errors of other processes
 * are plain objects with a `message`, as those of Nest's microservices.
 */
export function messageOf(error: unknown): string {
  try {
    const message = hasMessage(error) ? error.message : error;
    // As text a list is all of its entries, which may be billions.
    const isList = Array.isArray(message) || ArrayBuffer.isView(message);
    return isList ? Object.prototype.toString.call(message) : String(message);
  } catch {
    return 'an error that has no text';
  }
}

function hasMessage(error: unknown): error is { readonly message: unknown } {
  if (error instanceof Error) return true;
  if (typeof error !== 'object' || error === null) return false;
  return typeof (error as { message?: unknown }).message === 'string';
}
