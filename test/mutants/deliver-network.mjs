// Mutants of what stands between a request and the server: the simulator, which
// is a network of its own, reaches none of it.
export const networkMutants = [
  {
    file: 'deliver/http-client.ts',
    simulated: false,
    specs: [
      'test/deliver/http-client',
      'test/deliver/early',
      'test/deliver/proxies',
    ],
    mutants: [
      {
        from: 'else if (connector) release(connector);',
        to: '',
        breaks: 'sockets stay open after shutdown',
      },
      {
        from: 'this.connector ??= connectorTo(request.url);',
        to: 'this.connector = connectorTo(request.url);',
        breaks: 'each request opens a connection of its own',
      },
      {
        from: 'deadline.cancel();',
        to: '',
        breaks: 'the timer outlives its request',
      },
      {
        from: "signal.removeEventListener('abort', abort);",
        to: '',
        breaks: 'each request leaves a listener behind',
      },
      {
        from: 'mayHaveArrived: sent,',
        to: 'mayHaveArrived: false,',
        breaks: 'what may arrive twice is not counted',
      },
      {
        from: "(code === 'ECONNRESET' || code === 'EPIPE') &&",
        to: '',
        breaks: 'any failure on a used connection is a stale one',
      },
      {
        from: 'opened?.request.reusedSocket === true,',
        to: 'true,',
        breaks: 'a fresh connection that is reset is a stale one',
      },
      {
        from: 'if (response) return void response.destroy();',
        to: '',
        breaks: 'a status that came counts for nothing when its body hangs',
      },
      {
        from: 'opened?.destroy();',
        to: '',
        breaks: 'a request goes on after its deadline',
      },
      {
        from: 'const isLate = this.clock.now() - dueAt > STALL_MS;',
        to: 'const isLate = false;',
        breaks: 'an answer is not read when the process was busy',
      },
      {
        from: 'if (isLate) deadline = this.clock.after(STALL_MS, timeOut);',
        to: 'if (isLate) this.clock.after(STALL_MS, timeOut);',
        breaks: 'the second deadline comes although the answer is there',
      },
      {
        from: 'if (signal.aborted) return abort();',
        to: '',
        breaks: 'requests are sent after shutdown',
      },
      {
        from: "signal.addEventListener('abort', abort);",
        to: '',
        breaks: 'shutdown ends no request',
      },
      {
        from: "return fail('EINVAL', String(error));",
        to: 'throw error;',
        breaks: 'a header that cannot be sent throws',
      },
      {
        from: "request.on('finish', () => (sent = true));",
        to: 'sent = true;',
        breaks: 'what cannot have arrived may have',
      },
      {
        from: "if (inBackground) request.on('socket', (socket) => socket.unref());",
        to: '',
        breaks: 'a request in the background holds the process',
      },
      {
        from: 'if (!response) fail(error.code',
        to: 'fail(error.code',
        breaks: 'a reset after the status is a failure',
      },
      {
        from: 'if (!request.writableFinished) destroy();',
        to: '',
        breaks: 'memory that is used again is sent',
      },
      {
        from: 'if (length > MAX_ANSWER_BYTES) response.destroy();',
        to: '',
        breaks: 'an answer without an end is kept in memory',
      },
      {
        from: "response.on('close', done);",
        to: "response.on('end', done);",
        breaks: 'an answer that breaks off never ends',
      },
    ],
  },
  {
    file: 'deliver/connector.ts',
    simulated: false,
    specs: ['test/deliver/http-client', 'test/deliver/proxies'],
    mutants: [
      {
        from: 'tunnel(proxy) : forward(proxy)',
        to: 'forward(proxy) : tunnel(proxy)',
        breaks: 'a proxy is asked in the wrong way',
      },
      {
        from: 'agent: new HttpAgent({ keepAlive: true }),',
        to: 'agent: new HttpAgent(),',
        breaks: 'each http request opens a connection of its own',
      },
      {
        from: 'agent: new HttpsAgent({ keepAlive: true }),',
        to: 'agent: new HttpsAgent(),',
        breaks: 'each https request opens a connection of its own',
      },
      {
        from: 'opened(start(url, { method, headers, agent })),',
        to: 'opened(start(url, { method, headers })),',
        breaks: 'connections are shared with the application',
      },
      {
        from: 'headers, agent })),\n    close: () => agent.destroy(),',
        to: 'headers, agent })),\n    close: () => undefined,',
        breaks: 'connections without a proxy are never closed',
      },
      {
        from: '      ),\n    close: () => agent.destroy(),',
        to: '      ),\n    close: () => undefined,',
        breaks: 'connections to a proxy are never closed',
      },
      {
        from: 'path: url.href,',
        to: 'path: url.pathname,',
        breaks: 'a proxy does not learn the destination',
      },
      {
        from: 'headers: { ...headers, host: url.host, ...own },',
        to: 'headers: { ...headers, host: url.host },',
        breaks: 'a proxy gets no credentials',
      },
      {
        from: 'headers: { ...headers, host: url.host, ...own },',
        to: 'headers: { ...headers, ...own },',
        breaks: 'the server behind a proxy learns its name',
      },
      {
        from: 'via: throughProxy(proxy),',
        to: "via: '',",
        breaks: 'a failure does not say which proxy it went through',
      },
      {
        from: 'destroy: () => request.destroy()',
        to: 'destroy: () => undefined',
        breaks: 'a request that was given up goes on',
      },
    ],
  },
  {
    file: 'deliver/proxy.ts',
    simulated: false,
    specs: ['test/deliver/proxy.', 'test/deliver/proxies'],
    mutants: [
      {
        from: "value.includes('://') ? value : `http://${value}`;",
        to: 'value;',
        breaks: 'a proxy without a scheme is none',
      },
      {
        from: "pathname !== '/' ||",
        to: '',
        breaks: 'part of a password is taken for a port, and told',
      },
      {
        from: "|| hash !== '') {",
        to: ') {',
        breaks: 'part of a password is taken for a port, and told, after #',
      },
      {
        from: "'https:': 443",
        to: "'https:': 80",
        breaks: 'a proxy that speaks TLS is looked for on the wrong port',
      },
      {
        from: "hostname.replace(/^\\[|\\]$/g, '')",
        to: 'hostname',
        breaks: 'an IPv6 address is taken for a name',
      },
      {
        from: "credentials === ':'",
        to: "credentials === ''",
        breaks: 'a proxy gets credentials that nobody gave',
      },
      {
        from: 'name: `${hostname}:${number}`,',
        to: 'name: url.href,',
        breaks: 'the log tells the password of a proxy',
      },
      {
        from: '[name, name.toUpperCase()]',
        to: '[name.toUpperCase(), name]',
        breaks: 'another proxy is used than the package would',
      },
      {
        from: ':${decodeURIComponent(password)}`;',
        to: ':${password}`;',
        breaks: 'a password with a colon is refused',
      },
      {
        from: 'if (value) return { variable, value };',
        to: 'if (value !== undefined) return { variable, value };',
        breaks: 'a variable that is empty hides the other ones',
      },
    ],
  },
  {
    file: 'deliver/tunnel-connector.ts',
    simulated: false,
    specs: ['test/deliver/tunnel', 'test/deliver/proxies'],
    mutants: [
      {
        from: 'agent.giveUp(connecting);',
        to: '',
        breaks: 'a tunnel is waited for after the deadline',
      },
      {
        from: 'request.destroy();',
        to: '',
        breaks: 'a request in a tunnel goes on after the deadline',
      },
      {
        from: 'keepAlive: true,',
        to: 'keepAlive: false,',
        breaks: 'each request opens a tunnel of its own',
      },
      {
        from: 'for (const connecting of this.unanswered) this.giveUp(connecting);',
        to: '',
        breaks: 'a tunnel is waited for after shutdown',
      },
      {
        from: 'this.settings.signal = connecting.signal;',
        to: '',
        breaks: 'a CONNECT cannot be ended',
      },
      {
        from: 'this.unanswered.delete(connecting);\n        callback',
        to: 'callback',
        breaks: 'a CONNECT is ended that has its answer',
      },
      {
        from: 'if (inBackground) withoutHold(connect);',
        to: 'if (false) withoutHold(connect);',
        breaks: 'a tunnel in the background holds the process',
      },
      {
        from: '{ code: `PROXY_${status}` },',
        to: '{},',
        breaks: 'a proxy that refuses is an outage',
      },
      {
        from: "unsubscribe('net.client.socket', note);",
        to: '',
        breaks: 'each tunnel watches all later sockets of the process',
      },
      {
        from: 'for (const socket of sockets) socket.unref();',
        to: '',
        breaks: 'a CONNECT in the background holds the process',
      },
    ],
  },
  {
    file: 'deliver/untraced.ts',
    simulated: false,
    specs: ['test/deliver/proxies'],
    mutants: [
      {
        from: 'createContextKey(\n',
        to: 'Symbol(\n',
        breaks: 'a key that instrumentations do not know',
      },
      {
        from: "'OpenTelemetry SDK Context Key SUPPRESS_TRACING'",
        to: "'SUPPRESS_TRACING'",
        breaks: 'a name that instrumentations do not know',
      },
      {
        from: 'outside.runInAsyncScope(',
        to: "new AsyncResource('nestjs-langfuse').runInAsyncScope(",
        breaks: 'a socket keeps the request alive that opened it',
      },
      {
        from: '.setValue(SUPPRESS_TRACING, true)',
        to: '.setValue(SUPPRESS_TRACING, false)',
        breaks: 'delivery is traced',
      },
      {
        from: 'context.with(context.active().setValue(SUPPRESS_TRACING, true), fn);',
        to: 'fn();',
        breaks: 'delivery is told from nothing else',
      },
    ],
  },
];
