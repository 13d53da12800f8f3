// Mutants of what makes requests of records, and decisions of answers.
export const decisionMutants = [
  {
    file: 'deliver/outcome.ts',
    simulated: true,
    specs: ['test/deliver/outcome', 'test/deliver/proxies'],
    mutants: [
      {
        from: 'status >= 200 && status < 300',
        to: 'status >= 200 && status < 400',
        breaks: 'a redirect counts as taken',
      },
      {
        from: "if (code === 'ABORTED') return { kind: 'aborted' };",
        to: '',
        breaks: 'a shutdown is a failure of the destination',
      },
      {
        from: '|SELF_SIGNED_|',
        to: '|',
        breaks: 'a certificate nobody trusts is waited for to change',
      },
      {
        from: '4(?!08|29)',
        to: '4',
        breaks: 'a proxy that limits the rate is a matter of settings',
      },
      {
        from: 'unknown: mayHaveArrived,',
        to: 'unknown: false,',
        breaks: 'what may arrive twice is not counted',
      },
      {
        from: '/^text\\/html/i',
        to: '/^text\\/html$/i',
        breaks: 'a login page with a charset counts as taken',
      },
      {
        from: "if (status === 413) return { kind: 'too-large', cause };",
        to: '',
        breaks: 'what is too large is held for ever',
      },
      {
        from: 'status === 400 || status === 422',
        to: 'status === 400',
        breaks: 'a record refused with 422 holds all others',
      },
      {
        from: 'status === 408 || status === 429',
        to: 'status === 429',
        breaks: 'a 408 is a matter of settings',
      },
      {
        from: 'status >= 500',
        to: 'status > 500',
        breaks: 'a 500 is a matter of settings',
      },
      {
        from: 'retryAfterMs: retryAfterMs(headers),',
        to: 'retryAfterMs: undefined,',
        breaks: 'Retry-After is not read',
      },
      {
        from: 'status === 404 || status === 405',
        to: 'status === 404',
        breaks: 'a route that takes no POST holds the other lane',
      },
      {
        from: ".replace(/\\s+/g, ' ')",
        to: '',
        breaks: 'a server writes lines of its own into the log',
      },
      {
        from: "body.toString('utf8', 0, 300)",
        to: "body.toString('utf8')",
        breaks: 'a server fills the log',
      },
      {
        from: 'new URL(location).origin',
        to: 'new URL(location).href',
        breaks: 'the log tells a token of a redirect',
      },
    ],
  },
  {
    file: 'deliver/retry-after.ts',
    simulated: true,
    specs: ['test/deliver/outcome'],
    mutants: [
      {
        from: "headers['retry-after']?.trim();",
        to: "headers['retry-after'];",
        breaks: 'a number with a space around it is no number',
      },
      {
        from: '/^\\d+$/',
        to: '/^\\d+/',
        breaks: 'what begins with a digit is a number',
      },
      {
        from: 'Number(value) * 1000',
        to: 'Number(value) * 100',
        breaks: 'the wrong unit',
      },
      {
        from: "- Date.parse(headers.date ?? '');",
        to: '- Date.now();',
        breaks: 'the clock of this machine matters',
      },
      {
        from: '|| wait < 0) return undefined;',
        to: ') return undefined;',
        breaks: 'a date that has passed is waited for',
      },
      {
        from: '|| wait < 0) return undefined;',
        to: '|| wait <= 0) return undefined;',
        breaks: 'a server that asks for no wait is not heard',
      },
      {
        from: 'return Math.min(wait, MAX_RETRY_AFTER_MS);',
        to: 'return wait;',
        breaks: 'a server is believed that asks to wait for years',
      },
    ],
  },
  {
    file: 'deliver/score-answer.ts',
    simulated: true,
    specs: ['test/deliver/score-answer'],
    mutants: [
      {
        from: 'status >= 500',
        to: 'status >= 400',
        breaks: 'a refused score is sent again for ever',
      },
      {
        from: 'status === 408 || status === 429',
        to: 'status === 408',
        breaks: 'a score that met a rate limit is lost',
      },
      {
        from: 'retry.push(record);',
        to: '',
        breaks: 'a score that was not stored counts as delivered',
      },
      {
        from: 'refused.push(record);',
        to: 'refused[0] = record;',
        breaks: 'all refused scores count as one',
      },
      {
        from: 'cause ??=',
        to: 'cause =',
        breaks: 'the last reason is told, not the first',
      },
      {
        from: 'records.length - refused.length - retry.length;',
        to: 'records.length - refused.length;',
        breaks: 'what is sent again counts as delivered',
      },
      {
        from: 'errors.filter(isScoreError)',
        to: 'errors',
        breaks: 'an answer with garbage in it ends delivery',
      },
      {
        from: "typeof error?.id === 'string' && typeof error.status === 'number'",
        to: "typeof error?.id === 'string'",
        breaks: 'an error without a status refuses its score',
      },
    ],
  },
  {
    file: 'deliver/partial-success.ts',
    simulated: true,
    specs: ['test/deliver/partial-success'],
    mutants: [
      {
        from: "type.includes('protobuf') ?",
        to: "!type.includes('protobuf') ?",
        breaks: 'JSON is read as protobuf',
      },
      {
        from: 'if (body[0] !== MESSAGE) return 0;',
        to: '',
        breaks: 'any field counts as the message',
      },
      {
        from: 'body[at]! >= 0x80',
        to: 'body[at]! > 0x80',
        breaks: 'a message of 128 bytes is misread',
      },
      {
        from: 'if (body[at] !== NUMBER) return 0;',
        to: '',
        breaks: 'the reason counts as the number',
      },
      {
        from: 'factor *= 128',
        to: 'factor *= 256',
        breaks: 'numbers above 127 are misread',
      },
      {
        from: '(byte & 0x7f) * factor;',
        to: 'byte * factor;',
        breaks: 'the bit that says more counts as part of the number',
      },
      {
        from: 'if (byte < 0x80) return count(value);',
        to: 'if (byte <= 0x80) return count(value);',
        breaks: 'a number ends too soon',
      },
      {
        from: 'Number.isSafeInteger(value) && value > 0',
        to: 'value > 0',
        breaks: 'half a span is rejected',
      },
    ],
  },
  {
    file: 'deliver/verdict.ts',
    simulated: true,
    specs: ['test/deliver/verdict'],
    mutants: [
      {
        from: "if (lane === 'scores') {",
        to: "if (lane === 'spans') {",
        breaks: 'each lane reads the answers of the other',
      },
      {
        from: 'cause, again: retry }',
        to: 'cause, again: [] }',
        breaks: 'a score that was not stored is lost',
      },
      {
        from: 'Math.min(rejectedSpans(answer), records.length);',
        to: 'rejectedSpans(answer);',
        breaks: 'more spans are rejected than were sent',
      },
      {
        from: 'delivered: records.length - rejected,',
        to: 'delivered: records.length,',
        breaks: 'a rejected span is delivered as well',
      },
      {
        from: "rejected > 0 ? 'partial success'",
        to: "rejected > 1 ? 'partial success'",
        breaks: 'nobody is told why a single span was rejected',
      },
    ],
  },
  {
    file: 'deliver/smaller-parts.ts',
    simulated: true,
    specs: ['test/deliver/smaller-parts'],
    mutants: [
      {
        from: 'if (records.length < 2) return [];',
        to: 'if (records.length < 1) return [];',
        breaks: 'a bad record is halved for ever',
      },
      {
        from: 'records.slice(0, middle)]',
        to: 'records.slice(0, middle - 1)]',
        breaks: 'halving loses one',
      },
      {
        from: '[records.slice(middle), records.slice(0, middle)]',
        to: '[records.slice(0, middle), records.slice(middle)]',
        breaks: 'what is newer is sent first',
      },
      {
        from: 'Math.ceil(records.length / 2)',
        to: 'records.length - 1',
        breaks: 'a bad record is found one by one',
      },
      {
        from: "record.lane === 'spans' ? shrinkSpan : shrinkScore",
        to: "record.lane === 'spans' ? shrinkScore : shrinkSpan",
        breaks: 'nothing can be cut',
      },
      {
        from: 'Math.floor(record.bytes.byteLength / 2)',
        to: 'record.bytes.byteLength',
        breaks: 'a record that is too large is sent again as it is',
      },
      {
        from: 'const cut = { lane, id, bytes };',
        to: 'const cut = { lane, id, bytes: record.bytes };',
        breaks: 'what was cut is thrown away',
      },
      {
        from: 'this.uncut.set(cut, this.uncut.get(record) ?? record);',
        to: 'this.uncut.set(cut, record);',
        breaks: 'what was cut twice stands for what was cut once',
      },
    ],
  },
  {
    file: 'deliver/request-builder.ts',
    simulated: true,
    specs: ['test/deliver/request-builder'],
    mutants: [
      {
        from: '`${baseUrl}/api/public/otel/v1/traces`',
        to: '`${new URL(baseUrl).origin}/api/public/otel/v1/traces`',
        breaks: 'the path of baseUrl is forgotten',
      },
      {
        from: '...destination.additionalHeaders,',
        to: '',
        breaks: 'headers of the options are forgotten',
      },
      {
        from: "'x-langfuse-sdk-name': sdkName,",
        to: "'x-langfuse-sdk-name': sdkVersion,",
        breaks: 'the name of the SDK is wrong',
      },
      {
        from: "lane === 'spans' ? this.spans(bytes) : this.scores(bytes)",
        to: "lane === 'scores' ? this.spans(bytes) : this.scores(bytes)",
        breaks: 'each lane sends to the route of the other',
      },
      {
        from: 'return this.build(lane, []);',
        to: "return this.build('spans', []);",
        breaks: 'a probe for scores asks the route of spans',
      },
      {
        from: "method: 'GET',",
        to: "method: 'POST',",
        breaks: 'the question for the project is no question',
      },
      {
        from: "'x-langfuse-ingestion-version': '4',",
        to: '',
        breaks: 'observations may show up ten minutes later',
      },
      {
        from: '|| plain.length === 0) {',
        to: ') {',
        breaks: 'a probe is not empty',
      },
      {
        from: "'content-encoding': 'gzip'",
        to: "'content-encoding': 'identity'",
        breaks: 'the server does not inflate what is compressed',
      },
      {
        from: 'length += chunk.byteLength;',
        to: 'length = chunk.byteLength;',
        breaks: 'a body of several parts is cut',
      },
    ],
  },
  {
    file: 'deliver/server-client.ts',
    simulated: true,
    specs: ['test/deliver/server-client'],
    mutants: [
      {
        from: "const isStale = result.kind === 'failure' && result.onStaleConnection;",
        to: 'const isStale = false;',
        breaks: 'a connection that was idle for too long is an outage',
      },
      {
        from: 'if (!mayGoOn()) return false;',
        to: '',
        breaks: 'a stale connection is replaced although the gate is shut',
      },
      {
        from: 'this.counts.retries += 1;',
        to: '',
        breaks: 'a request that is sent again is no retry',
      },
      {
        from: 'if (mayHaveArrived) this.counts.resentAfterUnknown += records;',
        to: 'this.counts.resentAfterUnknown += records;',
        breaks: 'what cannot arrive twice is counted so',
      },
      {
        from: 'await this.credentials.refresh(signal);',
        to: '',
        breaks: 'a key that was replaced needs a restart',
      },
      {
        from: 'if (this.projectId !== undefined) return this.projectId;',
        to: '',
        breaks: 'the project is asked for each time',
      },
      {
        from: 'this.http.close();',
        to: '',
        breaks: 'sockets stay open after shutdown',
      },
      {
        from: 'if (!auth.ok) {',
        to: 'if (false) {',
        breaks: 'requests are sent without keys',
      },
      {
        from: '{ ...request.headers, ...auth.headers }',
        to: '{ ...auth.headers, ...request.headers }',
        breaks: 'headers of the options replace the keys',
      },
      {
        from: 'this.counts.requests += 1;',
        to: '',
        breaks: 'requests are not counted',
      },
      {
        from: 'inBackground = true }: ExchangeOptions',
        to: 'inBackground = false }: ExchangeOptions',
        breaks: 'data under way holds the process',
      },
      {
        from: "if (answer.kind === 'project') this.projectId = answer.id;",
        to: '',
        breaks: 'nobody learns the project of the keys',
      },
    ],
  },
  {
    file: 'deliver/project-answer.ts',
    simulated: false,
    specs: ['test/deliver/server-client', 'test/operate/verify-keys'],
    mutants: [
      {
        from: "typeof project?.id !== 'string'",
        to: 'project === undefined',
        breaks: 'a project that is not named is named undefined',
      },
      {
        from: 'outcome.status === 401',
        to: 'outcome.status === 403',
        breaks: 'keys that are not known are a fault of the server',
      },
    ],
  },
  {
    file: 'deliver/no-transport.ts',
    simulated: false,
    specs: ['test/deliver/no-transport'],
    mutants: [
      {
        from: 'isFree: () => true,',
        to: 'isFree: () => false,',
        breaks: 'records wait for what never comes',
      },
      {
        from: 'requests: 0,',
        to: 'requests: 1,',
        breaks: 'a request is counted that was never sent',
      },
      {
        from: 'Promise.resolve({',
        to: 'Promise.reject({',
        breaks: 'what is off looks broken',
      },
      {
        from: 'delivered: 0,',
        to: 'delivered: 1,',
        breaks: 'a record is delivered to nowhere',
      },
      {
        from: 'rejected: records.length,',
        to: 'rejected: 0,',
        breaks: 'records are dropped for the wrong reason',
      },
      {
        from: "cause: 'tracing is off',",
        to: '',
        breaks: 'nobody is told why',
      },
    ],
  },
];
