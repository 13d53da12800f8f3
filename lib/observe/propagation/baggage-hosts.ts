/** Which hosts may learn of users and sessions. */

const ANY_BELOW = '*.';

/**
 * Whether `url` leads to one of `hosts`: `host`, `host:port`, or `*.domain` for
 * all below a domain.
 */
export function leadsTo(
  hosts: readonly string[],
  url: string | URL | undefined,
): boolean {
  if (hosts.length === 0 || url === undefined) return false;
  const text = String(url);
  if (!URL.canParse(text)) return false;
  const { host, hostname } = new URL(text);
  return hosts.some((given) => {
    const listed = given.toLowerCase();
    return listed.startsWith(ANY_BELOW)
      ? hostname.endsWith(listed.slice(1))
      : listed === host || listed === hostname;
  });
}
