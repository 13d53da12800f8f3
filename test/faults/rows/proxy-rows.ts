/** Faults of a proxy that the environment names. */
import { setTimeout as wait } from 'node:timers/promises';
import { ForwardProxy } from '../../support/forward-proxy.js';
import { type Certificates, makeCertificates } from '../certificates.js';
import type { Row } from '../row.js';
import type { Stage } from '../stage.js';

const CREDENTIALS = 'user:never-to-be-seen';
const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

let certificates: Promise<Certificates> | undefined;

interface ProxyRow extends Pick<Row, 'id' | 'fault' | 'speed' | 'options'> {
  readonly scheme: 'http' | 'https';
  /** Variables, instead of the one that names the proxy. */
  readonly env?: (proxy: ForwardProxy) => Readonly<Record<string, string>>;
  readonly run: (stage: Stage, proxy: ForwardProxy) => Promise<void>;
}

/** A row with a proxy before its server; alone, as the environment is. */
function throughProxy({ id, fault, speed, options, ...row }: ProxyRow): Row {
  const { scheme, env, run } = row;
  return {
    id,
    fault,
    alone: true,
    ...(speed && { speed }),
    ...(options && { options }),
    run: async (s) => {
      if (scheme === 'https') {
        certificates ??= makeCertificates();
        await s.server.close();
        await s.server.listen((await certificates).good);
      }
      const proxy = new ForwardProxy({ credentials: CREDENTIALS });
      await proxy.listen();
      const named = `http://${CREDENTIALS}@${proxy.host}`;
      const restore = setProxies(
        env?.(proxy) ?? { [`${scheme.toUpperCase()}_PROXY`]: named },
      );
      try {
        await run(s, proxy);
        await s.shutdown(5);
        await closed(s, proxy);
      } finally {
        restore();
        await proxy.close();
      }
      s.check(
        !s.log.join('\n').includes('never-to-be-seen'),
        'the password of the proxy is in the log',
      );
    },
    expected: {},
  };
}

/** Sets the proxy variables to exactly these; returns what sets them back. */
function setProxies(variables: Readonly<Record<string, string>>): () => void {
  const names = VARIABLES.flatMap((name) => [name, name.toUpperCase()]);
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) delete process.env[name];
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** After a shutdown the proxy has no connection left. */
async function closed(s: Stage, proxy: ForwardProxy): Promise<void> {
  const deadline = performance.now() + 2_000;
  while (proxy.sockets.size > 0 && performance.now() < deadline) await wait(2);
  s.check(proxy.sockets.size === 0, `${proxy.sockets.size} sockets are open`);
}

/** The data waits for two minutes behind one line that says what to do. */
async function holds(
  s: Stage,
  proxy: ForwardProxy,
  advice: RegExp,
): Promise<void> {
  proxy.behaviour = 407;
  s.spans(100);
  s.scores(10);
  await s.flushInVain(10);
  await s.seconds(110);
  s.check(proxy.requests.length <= 8, `${proxy.requests.length} tries`);
  const [line, ...more] = s.log;
  s.check(advice.test(line ?? ''), `no advice in the log: ${line}`);
  s.check(more.length === 0, `further lines: ${more.join(' | ')}`);
  proxy.behaviour = 'forward';
  await s.flushAll(700);
}

const down = (id: string, scheme: ProxyRow['scheme']) =>
  throughProxy({
    id,
    fault: `${scheme} proxy refuses connections for 60 s, 20 records/s`,
    scheme,
    run: async (s, proxy) => {
      s.start();
      await proxy.close();
      await s.load(20, 60);
      const { requests } = s.queue.stats();
      s.check(requests <= 15, `${requests} tries in 60 s`);
      const named = s.log[0]?.includes(`through the proxy ${proxy.host}`);
      s.check(named === true, `the log does not name the proxy: ${s.log[0]}`);
      await s.flushInVain();
      await proxy.listen();
      await s.flushAll(120);
    },
  });

const hangs = (id: string, scheme: ProxyRow['scheme']) =>
  throughProxy({
    id,
    fault: `${scheme} proxy takes connections and says nothing, 30 s`,
    scheme,
    options: { timeout: 5 },
    run: async (s, proxy) => {
      proxy.behaviour = 'hang';
      s.spans(100);
      await s.flushInVain(20);
      await s.seconds(10);
      const { size } = proxy.sockets;
      s.check(size <= 1, `${size} sockets after ${proxy.connections} tries`);
      proxy.behaviour = 'forward';
      await s.flushAll(120);
    },
  });

export const proxyRows: readonly Row[] = [
  down('49', 'http'),
  down('49b', 'https'),
  throughProxy({
    id: '50',
    fault: '407 of the proxy to CONNECT for 2 min',
    scheme: 'https',
    speed: 60,
    run: (s, proxy) =>
      holds(s, proxy, /error: .*the proxy .* refuses: HTTP 407.*HTTPS_PROXY/),
  }),
  throughProxy({
    id: '50b',
    fault: '407 of the proxy to absolute form for 2 min',
    scheme: 'http',
    speed: 60,
    run: (s, proxy) => holds(s, proxy, /error: .*HTTP 407.*HTTP_PROXY/),
  }),
  throughProxy({
    id: '50c',
    fault: '502 of the proxy to CONNECT for 20 s',
    scheme: 'https',
    run: async (s, proxy) => {
      proxy.behaviour = 502;
      await s.load(20, 20);
      proxy.behaviour = 'forward';
      await s.flushAll(120);
    },
  }),
  hangs('51', 'http'),
  hangs('51b', 'https'),
  {
    ...throughProxy({
      id: '51c',
      fault: 'CONNECT is without an answer at shutdown',
      scheme: 'https',
      run: async (s, proxy) => {
        proxy.behaviour = 'hang';
        s.spans(100);
        await s.flushInVain(1);
        s.check(proxy.sockets.size === 1, `${proxy.sockets.size} sockets`);
      },
    }),
    expected: { dropped: { shutdown_deadline: 100 } },
  },
  {
    ...throughProxy({
      id: '52b',
      fault: 'HTTPS_PROXY is a SOCKS proxy: never directly',
      scheme: 'https',
      env: ({ host }) => ({ HTTPS_PROXY: `socks5://${CREDENTIALS}@${host}` }),
      run: async (s) => {
        s.spans(100);
        await s.flushInVain(10);
        const [line = ''] = s.log;
        s.check(/error: .*HTTPS_PROXY .*socks5/.test(line), `logged: ${line}`);
        s.check(s.server.connections === 0, 'the server was asked');
      },
    }),
    expected: { dropped: { shutdown_deadline: 100 } },
  },
  throughProxy({
    id: '51d',
    fault: 'the proxy resets each connection for 20 s',
    scheme: 'https',
    run: async (s, proxy) => {
      proxy.behaviour = 'reset';
      await s.load(20, 20);
      proxy.behaviour = 'forward';
      await s.flushAll(120);
    },
  }),
  throughProxy({
    id: '52',
    fault: 'NO_PROXY names the server, the proxy refuses all',
    scheme: 'https',
    env: ({ url }) => ({ HTTPS_PROXY: url, NO_PROXY: '127.0.0.1' }),
    run: async (s, proxy) => {
      proxy.behaviour = 403;
      s.spans(100);
      await s.flushAll();
      s.check(proxy.connections === 0, 'the proxy was asked');
      s.check(s.server.exchanges.length === 1, 'not one request');
    },
  }),
];
