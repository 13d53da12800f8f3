/** The ways of a server to answer, sound and unsound. */
import type { AnswerParts, Exchange, ReceivedRecord } from './exchange.js';
import type { Behaviour, Fault } from './fault-server.js';

type Respond = Behaviour['request'];

/** Takes all and answers as Langfuse does. */
export const accept: Respond = (exchange) => {
  exchange.take();
  if (exchange.lane === 'scores') return answerScores(exchange, []);
  exchange.answer(200, { body: jobOf(exchange) });
};

/** Takes all and answers 200 with this. */
export function acceptWith(parts: AnswerParts, status = 200): Respond {
  return (exchange) => exchange.take().answer(status, parts);
}

/** Takes nothing. */
export function refuse(status: number, parts: AnswerParts = {}): Respond {
  return (exchange) =>
    exchange.answer(status, {
      body: JSON.stringify({ message: `status ${status}` }),
      ...parts,
    });
}

/** Takes nothing and never says a word. */
export const stayMute: Respond = () => undefined;

/** Takes the data; the answer never arrives. */
export const loseAnswer: Respond = (exchange) => exchange.take().reset();

/** Resets the connection when a request has begun to come. */
export const resetOnRequest: Behaviour = {
  head(exchange) {
    exchange.reset();
    return true;
  },
  request: stayMute,
};

/** Stops reading: what is sent fills the buffers and stays there. */
export const stopReading: Behaviour = {
  head({ socket }) {
    socket.pause();
    return true;
  },
  request: stayMute,
};

/** Resets a connection that was used before; new ones are served. */
export const resetReused: Behaviour = {
  head(exchange) {
    if (exchange.reused) exchange.reset();
    return exchange.reused;
  },
  request: accept,
};

/** Takes the data, answers 200, and resets before the body is complete. */
export const resetMidAnswer: Respond = (exchange) => {
  exchange.take().begin(200, { 'content-length': '1000' });
  exchange.write('{"id":');
  // RST overtakes what was sent and not yet read.
  setTimeout(() => exchange.reset(), 50);
};

/** Takes nothing and resets within the status line. */
export const resetMidStatus: Respond = (exchange) => {
  exchange.write('HTTP/1.1 2');
  setTimeout(() => exchange.reset(), 50);
};

/** Takes the data and answers 200, the body byte by byte without an end. */
export function dripBody(everyMs: number): Respond {
  return (exchange) => {
    exchange.take().begin(200, { 'content-length': '1000000' });
    drip(exchange, everyMs, () => ' ');
  };
}

/** Takes nothing; a head comes byte by byte, without an end. */
export function dripHead(everyMs: number): Respond {
  return (exchange) => {
    const start = 'HTTP/1.1 200 OK\r\nx-slow: ';
    let at = 0;
    drip(exchange, everyMs, () => start[at++] ?? 'a');
  };
}

/** A body without an end, as fast as it is read; `sent` counts its bytes. */
export function endlessBody(
  status: number,
  headers: Readonly<Record<string, string>>,
  sent: (bytes: number) => void,
): Respond {
  return (exchange) => {
    if (status < 300) exchange.take();
    exchange.begin(status, headers);
    const chunk = Buffer.alloc(16 * 1024);
    const fill = () => {
      while (!exchange.socket.destroyed) {
        sent(chunk.length);
        if (!exchange.write(chunk)) return;
      }
    };
    exchange.socket.on('drain', fill);
    fill();
  };
}

/** 413 for what is larger than `limit()` bytes. */
export function limitSize(
  measured: 'decoded' | 'encoded',
  limit: () => number,
  then: Respond = accept,
): Respond {
  return (exchange) => {
    const body = measured === 'encoded' ? exchange.body : exchange.plain;
    if (body.length <= limit()) return then(exchange);
    exchange.answer(413, {
      headers: { 'content-type': 'text/html' },
      body: '<html><h1>413 Request Entity Too Large</h1></html>',
    });
  };
}

/** Refuses a request as a whole when one of its records is bad. */
export function refuseIfAny(
  isBad: (record: ReceivedRecord) => boolean,
  status = 400,
  then: Respond = accept,
): Respond {
  return (exchange) => {
    const { records } = exchange;
    const bad = records.filter(isBad).length;
    if (bad === 0) return then(exchange);
    exchange.answer(status, {
      body: JSON.stringify({
        error:
          `Invalid OTLP trace export: ${bad} of ${records.length} span(s) cannot be processed ` +
          '(traceId:absent). The entire export was rejected and no spans were ingested.',
      }),
    });
  };
}

/** 207 with these statuses for the scores that are named so; 201 for others. */
export function judgeScores(
  statusOf: (record: ReceivedRecord) => number,
): Respond {
  return (exchange) => {
    const refused = exchange.records
      .map((record) => ({ record, status: statusOf(record) }))
      .filter(({ status }) => status >= 300);
    const bad = new Set(refused.map(({ record }) => record));
    exchange.take(exchange.records.filter((record) => !bad.has(record)));
    answerScores(
      exchange,
      refused.map(({ record, status }) => ({
        id: record.envelopeId,
        status,
        message: `status ${status}`,
      })),
    );
  };
}

/** The first requests as listed, all further ones by the last. */
export function inTurn(...faults: readonly [Fault, ...Fault[]]): Behaviour {
  const turns = [...faults];
  const assigned = new WeakMap<Exchange, Fault>();
  let current: Fault = faults[0];
  return {
    head(exchange) {
      current = turns.shift() ?? current;
      assigned.set(exchange, current);
      return typeof current !== 'function' && !!current.head?.(exchange);
    },
    request(exchange) {
      const fault = assigned.get(exchange) ?? current;
      if (typeof fault === 'function') fault(exchange);
      else fault.request(exchange);
    },
  };
}

/** The same fault for the first `count` requests, then another. */
export function firstly(count: number, fault: Fault, then: Fault): Behaviour {
  return inTurn(fault, ...Array<Fault>(count - 1).fill(fault), then);
}

/** Each lane by its own. */
export function byLane(spans: Respond, scores: Respond): Respond {
  return (exchange) =>
    exchange.lane === 'scores' ? scores(exchange) : spans(exchange);
}

function answerScores(
  exchange: Exchange,
  errors: readonly { id: string; status: number; message: string }[],
): void {
  const failed = new Set(errors.map(({ id }) => id));
  const successes = exchange.records
    .filter(({ envelopeId }) => !failed.has(envelopeId))
    .map(({ envelopeId }) => ({ id: envelopeId, status: 201 }));
  exchange.answer(207, { body: JSON.stringify({ successes, errors }) });
}

/** What Langfuse answers to an export: the description of a queue's job. */
function jobOf(exchange: Exchange): string {
  if (exchange.isProbe) return '{}';
  return JSON.stringify({
    id: `${exchange.number}`,
    name: 'otel-ingestion-job',
  });
}

function drip(exchange: Exchange, everyMs: number, next: () => string): void {
  const drops = setInterval(() => exchange.write(next()), everyMs);
  exchange.socket.on('close', () => clearInterval(drops));
}
