/** W3C Baggage as text: the header `baggage`. */

/** What the specification asks everybody to let pass. */
const MAX_CHARACTERS = 8_192;
const MAX_ENTRIES = 180;

/**
 * Reads the entries; properties (`;ttl=5`) and what is malformed are left out.
 *
 * @see https://www.w3.org/TR/baggage/#header-content
 */
export function parseBaggage(header: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const member of header.slice(0, MAX_CHARACTERS).split(',')) {
    if (entries.size >= MAX_ENTRIES) break;
    const [pair = ''] = member.split(';', 1);
    const equals = pair.indexOf('=');
    const key = decoded(pair.slice(0, Math.max(equals, 0)).trim());
    const value = decoded(pair.slice(equals + 1).trim());
    if (key && value !== undefined) entries.set(key, value);
  }
  return entries;
}

/** Writes entries as long as there is room for them. */
export function formatBaggage(
  entries: Iterable<readonly [string, string]>,
): string {
  const members: string[] = [];
  let length = 0;
  for (const [key, value] of entries) {
    const member = encoded(key, value);
    if (member === undefined) continue;
    const isFull = members.length >= MAX_ENTRIES;
    if (isFull || length + member.length > MAX_CHARACTERS) continue;
    length += member.length + 1;
    members.push(member);
  }
  return members.join(',');
}

function encoded(key: string, value: string): string | undefined {
  try {
    return `${encodeURIComponent(key)}=${encodeURIComponent(value)}`;
  } catch {
    // Half of a surrogate pair is no text that could be sent.
    return undefined;
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
