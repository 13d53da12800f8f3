/** Names a refused value in a message, whatever it is. */

const MAX_TEXT = 40;
const MAX_BIGINT = 2n ** 128n;

/** Short, on one line, and without running code of the value. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > MAX_TEXT
        ? `${JSON.stringify(value.slice(0, MAX_TEXT))}… (${value.length} characters)`
        : JSON.stringify(value);
    case 'bigint':
      // The decimal digits of a huge one would take seconds to find.
      return value < MAX_BIGINT && value > -MAX_BIGINT
        ? `${value}n`
        : 'a huge bigint';
    case 'object':
      if (value === null) return 'null';
      return isArray(value) ? 'an array' : 'an object';
    case 'function':
      return 'a function';
    default:
      return String(value);
  }
}

function isArray(value: object): boolean {
  try {
    return Array.isArray(value);
  } catch {
    // A revoked Proxy throws even here.
    return false;
  }
}
