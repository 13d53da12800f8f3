/** Host names of which a test decides what they resolve to. */
import dns from 'node:dns';

/** An error code such as `ENOTFOUND`, or addresses. */
type Resolution = string | readonly dns.LookupAddress[];

interface TestName {
  resolution: Resolution;
  lookups: number;
}

const names = new Map<string, TestName>();
const lookup = dns.lookup;

/** A name that no other test has; `resolution` can be changed at any time. */
export function testName(resolution: Resolution): TestName & { host: string } {
  const host = `name-${names.size}.langfuse.test`;
  const name = { host, resolution, lookups: 0 };
  names.set(host, name);
  return name;
}

type Callback = (
  error: NodeJS.ErrnoException | null,
  address?: string | readonly dns.LookupAddress[],
  family?: number,
) => void;

// Sockets call `dns.lookup` as they find it at the time.
dns.lookup = Object.assign(
  (host: string, options: dns.LookupOptions, callback: Callback) => {
    const name = names.get(host);
    if (!name) return lookup(host, options, callback as never);
    name.lookups += 1;
    const { resolution } = name;
    process.nextTick(() => {
      if (typeof resolution === 'string') {
        const message = `getaddrinfo ${resolution} ${host}`;
        callback(Object.assign(new Error(message), { code: resolution }));
      } else if (options.all) {
        callback(null, resolution);
      } else {
        callback(null, resolution[0]?.address, resolution[0]?.family);
      }
    });
  },
  lookup,
) as typeof dns.lookup;
