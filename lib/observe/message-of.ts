/** The message of whatever was thrown. Never throws. */
export function messageOf(error: unknown): string {
  try {
    const message: unknown = error instanceof Error ? error.message : error;
    // As text a list is all of its entries, which may be billions.
    const isList = Array.isArray(message) || ArrayBuffer.isView(message);
    return isList ? Object.prototype.toString.call(message) : String(message);
  } catch {
    return 'an error that has no text';
  }
}
