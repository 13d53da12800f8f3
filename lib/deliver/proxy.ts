/** Which proxy the environment names for a destination. */
// @ts-expect-error -- the package has no types; `lookUp` gives it one
import { getProxyForUrl } from 'proxy-from-env';

/** The URL of the proxy for a destination; empty when there is none. */
const lookUp: (destination: URL) => string = getProxyForUrl;

/** A proxy that can be spoken to. */
export interface Proxy {
  readonly kind: 'proxy';
  readonly protocol: 'http:' | 'https:';
  /** As sockets want it: an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** As its URL says, percent-encoded; holds the credentials. */
  readonly url: URL;
  /** Of the header `proxy-authorization`, when the URL has credentials. */
  readonly authorization: string | undefined;
  /** `host:port`, for messages: never with credentials. */
  readonly name: string;
  /** The variable that names it, spelled as it is set. */
  readonly variable: string;
}

/** A proxy is wanted, but not one that can be spoken to. */
export interface UnusableProxy {
  readonly kind: 'unusable';
  /** What is wrong with which variable; never with the variable's value. */
  readonly problem: string;
}

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 } as const;

/**
 * Looks up the proxy for requests to `destination`. Undefined when they go
 * directly.
 *
 * - `HTTPS_PROXY` or `HTTP_PROXY` by the scheme of the destination, else
 *   `ALL_PROXY`; each is read in lower case first.
 * - A value is `http://host:port` or `https://host:port`, with `user:password@`
 *   in percent-encoding. One without a scheme means `http://`, as for curl.
 * - `NO_PROXY` names destinations that are reached directly, separated by commas
 *   or spaces: `host`, `host:port`, `.suffix`, `*.suffix`, `[::1]`; or `*` alone.
 *   A name matches only itself and not its subdomains. Address ranges
 *   (`10.0.0.0/8`) are not supported.
 * - Loopback is no exception: curl, undici and Node.js' own support send
 *   `localhost` to the proxy, too, unless `NO_PROXY` names it.
 *
 * The rules for the variables are those of the package `proxy-from-env`.
 */
export function proxyFor(destination: URL): Proxy | UnusableProxy | undefined {
  if (lookUp(destination) === '') return undefined;
  const { variable, value } = settingFor(destination);
  const href = value.includes('://') ? value : `http://${value}`;
  const unusable = (what: string): UnusableProxy => ({
    kind: 'unusable',
    problem: `${variable} ${what}, or name ${destination.host} in NO_PROXY`,
  });
  if (!URL.canParse(href)) {
    return unusable(
      'is not a URL: set http://host:port, with user and password in percent-encoding',
    );
  }
  const url = new URL(href);
  const { protocol, hostname, port, pathname, search, hash } = url;
  if (protocol !== 'http:' && protocol !== 'https:') {
    return unusable(
      `has the scheme ${protocol}// but proxies are spoken to in HTTP: set http://host:port`,
    );
  }
  // A password with a bare `/`, `?` or `#` ends the host there, and a part of
  // it would be taken for the port, which messages show.
  if (pathname !== '/' || search !== '' || hash !== '') {
    return unusable(
      'has a path: set http://host:port, with user and password in percent-encoding',
    );
  }
  const credentials = credentialsOf(url);
  if (credentials === undefined) {
    return unusable(
      'has a user or password with a % that is not %25: encode it',
    );
  }
  const number = Number(port) || DEFAULT_PORTS[protocol];
  return {
    kind: 'proxy',
    protocol,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: number,
    url,
    authorization:
      credentials === ':'
        ? undefined
        : `Basic ${Buffer.from(credentials).toString('base64')}`,
    name: `${hostname}:${number}`,
    variable,
  };
}

/** The variable that decided, in the order in which the package asks them. */
function settingFor({ protocol }: URL): { variable: string; value: string } {
  const names = [`${protocol.slice(0, -1)}_proxy`, 'all_proxy'];
  for (const variable of names.flatMap((name) => [name, name.toUpperCase()])) {
    const value = process.env[variable];
    if (value) return { variable, value };
  }
  return { variable: 'ALL_PROXY', value: '' };
}

/** `user:password` as they are meant; undefined when they cannot be decoded. */
function credentialsOf({ username, password }: URL): string | undefined {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return undefined;
  }
}
