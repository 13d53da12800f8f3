import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { tunnelThrough } from '../../lib/deliver/tunnel-connector.js';
import { makeCertificates } from '../faults/certificates.js';
import { ForwardProxy } from '../support/forward-proxy.js';

/** A proxy, and what opens tunnels through it. */
async function startTunnelling() {
  const proxy = new ForwardProxy();
  await proxy.listen();
  onTestFinished(() => proxy.close());
  const url = new URL(proxy.url);
  const connector = tunnelThrough({
    kind: 'proxy',
    protocol: 'http:',
    host: url.hostname,
    port: proxy.port,
    url,
    authorization: undefined,
    name: url.host,
    variable: 'HTTPS_PROXY',
  });
  onTestFinished(() => connector.close());
  const close = () => connector.close();
  const open = (destination: string, inBackground: boolean) => {
    const opened = connector.open({
      method: 'GET',
      url: new URL(destination),
      headers: {},
      inBackground,
    });
    opened.request.on('error', () => undefined);
    opened.request.end();
    return opened;
  };
  return { proxy, open, close };
}

/** A destination that answers when the test does. */
async function startServer() {
  const { wrongHost } = await makeCertificates();
  const server = createServer(wrongHost);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { server, url: `https://langfuse.test:${port}/` };
}

describe('a tunnel in the background', () => {
  it('watches no socket of the process but its own', async () => {
    const { proxy, open } = await startTunnelling();
    proxy.behaviour = 'hang';
    open('https://a.test/', true);
    expect(channel('net.client.socket').hasSubscribers).toBe(false);
  });
});

describe('a request in a tunnel', () => {
  it('that is given up takes its tunnel with it, and nothing else', async () => {
    const { server, url } = await startServer();
    const { proxy, open } = await startTunnelling();
    const { destroy } = open(url, false);
    await once(server, 'request');
    // An error that nobody hears of fails the run.
    destroy();
    await vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
  });

  it('that is answered leaves no CONNECT to be ended', async () => {
    const { server, url } = await startServer();
    server.on('request', (_, response) => response.end());
    const { proxy, open, close } = await startTunnelling();
    const { request } = open(url, false);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    const abort = vi.spyOn(AbortController.prototype, 'abort');
    onTestFinished(() => abort.mockRestore());
    close();
    await vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
    expect(abort).not.toHaveBeenCalled();
  });
});
