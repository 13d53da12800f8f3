import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Proxy, proxyFor } from '../../lib/deliver/proxy.js';

/** Looks the proxy up with exactly these variables. */
function proxyWith(
  variables: Readonly<Record<string, string>>,
  url = 'https://cloud.langfuse.com',
): Proxy {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const name of ['http', 'https', 'all', 'no']) {
    vi.stubEnv(`${name}_proxy`, variables[`${name}_proxy`]);
    const upper = `${name}_proxy`.toUpperCase();
    vi.stubEnv(upper, variables[upper]);
  }
  const proxy = proxyFor(new URL(url));
  if (proxy?.kind !== 'proxy') throw new Error('there is no proxy');
  return proxy;
}

describe('a proxy', () => {
  it('gets the credentials of its URL, decoded, and tells nobody', () => {
    const { authorization, name } = proxyWith({
      HTTPS_PROXY: 'http://us%20er:p%40%3Ass@proxy.test:3128',
    });
    const basic = Buffer.from('us er:p@:ss').toString('base64');
    expect(authorization).toBe(`Basic ${basic}`);
    expect(name).toBe('proxy.test:3128');
  });

  it('gets no credentials when its URL has none', () => {
    const proxy = proxyWith({ HTTPS_PROXY: 'http://proxy.test:3128' });
    expect(proxy.authorization).toBeUndefined();
  });

  it('may have an IPv6 address, for sockets without brackets', () => {
    expect(proxyWith({ HTTPS_PROXY: 'http://[::1]:3128' })).toMatchObject({
      host: '::1',
      port: 3128,
      name: '[::1]:3128',
    });
  });

  it.each([
    ['https_proxy', { https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:1' }],
    ['HTTPS_PROXY', { https_proxy: '', HTTPS_PROXY: 'http://b:1' }],
    ['all_proxy', { HTTPS_PROXY: '', all_proxy: 'http://c:1' }],
    ['ALL_PROXY', { http_proxy: 'http://d:1', ALL_PROXY: 'http://e:1' }],
  ] as const)('is named by %s in %j', (variable, variables) => {
    const proxy = proxyWith(variables);
    expect(proxy.variable).toBe(variable);
    const values: Readonly<Record<string, string>> = variables;
    expect(`http://${proxy.name}`).toBe(values[variable]);
  });
});
