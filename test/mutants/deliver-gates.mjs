// Mutants of what decides when a request is sent, and with what.
export const gateMutants = [
  {
    file: 'deliver/gate.ts',
    simulated: true,
    specs: ['test/deliver/gate'],
    mutants: [
      {
        from: 'this.failures += 1;',
        to: '',
        breaks: 'the back-off never grows',
      },
      {
        from: 'this.failures = 0;',
        to: '',
        breaks: 'a success does not end the back-off',
      },
      {
        from: 'this.round += 1;',
        to: '',
        breaks: 'requests that fail together count as many failures',
      },
      {
        from: 'Math.min(maxMs, firstMs * 2 ** this.failures)',
        to: 'firstMs * 2 ** this.failures',
        breaks: 'the back-off grows without a bound',
      },
      {
        from: '(ceilingMs * (1 + random())) / 2',
        to: 'ceilingMs * random()',
        breaks: 'a back-off may be none at all',
      },
      {
        from: 'this.wait(clock.now() + askedMs, backoffMs);',
        to: 'this.wait(clock.now(), backoffMs);',
        breaks: 'Retry-After is ignored',
      },
      {
        from: 'if (round === this.round) act();',
        to: 'act();',
        breaks: 'the late success of an old request opens the gate',
      },
      {
        from: "if (this.state === 'probed') this.state = 'trying';",
        to: '',
        breaks: 'all try at once after a probe',
      },
      {
        from: "return this.state !== 'blocked';",
        to: "return this.state === 'passing';",
        breaks: 'nobody comes to try again',
      },
      {
        from: "if (this.state === 'passing' || this.state === 'probed')",
        to: "if (this.state === 'passing')",
        breaks: 'who comes after a probe that nobody used waits for ever',
      },
      {
        from: "signal.removeEventListener('abort', aborted);",
        to: '',
        breaks: 'each wait leaves a listener behind',
      },
      {
        from: 'this.waiting.delete(admitted);\n        resolve(undefined);',
        to: 'resolve(undefined);',
        breaks: 'the try goes to somebody who has left',
      },
      {
        from: 'this.dependencies.clock.now() < backoff.notBefore) return;',
        to: 'backoff.spreadMs < 0) return;',
        breaks: 'a shutdown does not wait for Retry-After',
      },
      {
        from: '    backoff.timer.cancel();',
        to: '',
        breaks: 'a back-off that was ended ends again',
      },
      {
        from: 'for (const admitted of this.waiting) admitted(this.admit());',
        to: '',
        breaks: 'who waits is forgotten when the gate opens',
      },
      {
        from: "this.tell({ status: 'ready' });",
        to: '',
        breaks: 'the queue never hears that the destination is back',
      },
      {
        from: 'if (!this.backoff) return this.block(failure);',
        to: 'if (!this.backoff) return;',
        breaks: 'a Retry-After that comes after the back-off is ignored',
      },
      {
        from: 'if (notBefore <= this.backoff.notBefore) return;',
        to: '',
        breaks: 'a late answer shortens the wait that another one asked for',
      },
      {
        from: 'this.backoff?.timer.cancel();',
        to: '',
        breaks: 'a wait that was prolonged ends when it would have',
      },
      {
        from: "this.tell({ status: 'half-open' });\n    if (this.waiting.size > 0) void this.sendProbe();",
        to: "this.tell({ status: 'half-open' });",
        breaks: 'no probe is sent for those who wait',
      },
      {
        from: "if (this.state !== 'half-open' || this.probeIsOut) return;",
        to: "if (this.state !== 'half-open') return;",
        breaks: 'two probes at once',
      },
      {
        from: '    this.probeIsOut = false;',
        to: '',
        breaks: 'no second probe is ever sent',
      },
      {
        from: 'if (round !== this.round) {',
        to: 'if (false) {',
        breaks: 'a probe from before a failure opens the gate',
      },
    ],
  },
  {
    file: 'deliver/destination-gates.ts',
    simulated: true,
    specs: ['test/deliver/destination-gates'],
    mutants: [
      {
        from: 'merge(this.shared.state$, spans.state$, scores.state$)',
        to: 'merge(this.shared.state$, spans.state$)',
        breaks: 'nobody hears of the route of scores',
      },
      {
        from: 'return this.shared.isFree && this.own[lane].isFree;',
        to: 'return this.shared.isFree;',
        breaks: 'batches are cut for a route that fails',
      },
      {
        from: 'if (!own.isCurrent()) {',
        to: 'if (false) {',
        breaks: 'who waited for the destination passes a lane that is shut',
      },
      {
        from: '      shared.abandoned();\n      return this.pass(lane, signal);',
        to: '      return this.pass(lane, signal);',
        breaks: 'a try that was not used is lost',
      },
      {
        from: 'isCurrent: () => own.isCurrent() && shared.isCurrent(),',
        to: 'isCurrent: () => shared.isCurrent(),',
        breaks: 'a stale connection is replaced although its lane is shut',
      },
      {
        from: '        own.succeeded();\n        shared.succeeded();',
        to: '        own.succeeded();',
        breaks: 'a success does not open the destination',
      },
      {
        from: "failure.concerns === 'lane' ? [own, shared] : [shared, own];",
        to: "failure.concerns === 'lane' ? [shared, own] : [own, shared];",
        breaks: 'a lane fails for the destination, and the other way round',
      },
      {
        from: "if (failure.concerns === 'destination') this.witness = lane;",
        to: '',
        breaks: 'the probe asks a route that knows nothing of the failure',
      },
      {
        from: 'other.abandoned();',
        to: '',
        breaks: 'a failed try at one gate holds the other one',
      },
      {
        from: 'this.own[witness].shut(failure);',
        to: '',
        breaks: 'a lane that refuses the probe is open',
      },
      {
        from: "if (failure?.concerns !== 'lane') return failure;",
        to: 'if (failure) return failure;',
        breaks: 'a route that fails alone holds both lanes',
      },
      {
        from: 'pass?.failed(failure);',
        to: '',
        breaks: 'a destination that fails a probe of a lane is open',
      },
      {
        from: 'pass?.abandoned();',
        to: '',
        breaks: 'a probe of a lane keeps the try of the destination',
      },
      {
        from: 'this.own.scores.hasten();',
        to: '',
        breaks: 'shutdown waits for a back-off of scores',
      },
    ],
  },
  {
    file: 'deliver/credentials.ts',
    simulated: false,
    specs: ['test/deliver/credentials'],
    mutants: [
      {
        from: 'this.last?.ok ? this.last : this.refresh(signal);',
        to: 'this.refresh(signal);',
        breaks: 'keys are read for each request',
      },
      {
        from: 'if (came.ok || !this.last?.ok) this.last',
        to: 'this.last',
        breaks: 'keys that cannot be read now replace good ones',
      },
      {
        from: 'timer.cancel();',
        to: '',
        breaks: 'the timer outlives its reading',
      },
      {
        from: "signal.removeEventListener('abort', abort);",
        to: '',
        breaks: 'each reading leaves a listener behind',
      },
      {
        from: 'clock.after(timeoutMs, () => {',
        to: 'clock.afterHolding(timeoutMs, () => {',
        breaks: 'a reading in the background holds the process',
      },
      {
        from: "signal.addEventListener('abort', abort);",
        to: '',
        breaks: 'shutdown waits for keys',
      },
      {
        from: '`${publicKey}:${secretKey}`',
        to: '`${secretKey}:${publicKey}`',
        breaks: 'the keys change places',
      },
      {
        from: "'x-langfuse-public-key': publicKey,",
        to: "'x-langfuse-public-key': secretKey,",
        breaks: 'the secret key is sent as the public one',
      },
    ],
  },
  {
    file: 'deliver/route-proof.ts',
    simulated: true,
    specs: ['test/deliver/route-proof'],
    mutants: [
      {
        from: 'private newestTaken = -1;',
        to: 'private newestTaken = 0;',
        breaks: 'a route is proved before the first request',
      },
      {
        from: 'return this.sent++;',
        to: 'return ++this.sent;',
        breaks: 'an old success proves the next request',
      },
      {
        from: 'Math.max(this.newestTaken, request);',
        to: 'request;',
        breaks: 'a late answer takes a proof back',
      },
      {
        from: 'return this.newestTaken >= from;',
        to: 'return this.newestTaken > from;',
        breaks: 'the first success proves nothing',
      },
      {
        from: 'this.firstAfter = this.route.next;',
        to: 'this.firstAfter = 0;',
        breaks: 'a success from before the refusal proves the route',
      },
      {
        from: 'return !this.route.hasTaken(this.firstAfter);',
        to: 'return false;',
        breaks: 'a route that refuses of late loses all that is sent',
      },
      {
        from: 'records === 1 ||',
        to: '',
        breaks:
          'a route that refuses of late loses each record that is sent alone',
      },
      {
        from: '!this.route.hasTaken(0);',
        to: 'false;',
        breaks: 'a route that never took anything is believed',
      },
    ],
  },
  {
    file: 'deliver/body-limit.ts',
    simulated: true,
    specs: ['test/deliver/body-limit'],
    mutants: [
      {
        from: 'Math.min(this.bytes, Math.floor(bytes / 2));',
        to: 'Math.floor(bytes / 2);',
        breaks: 'a late refusal raises the limit',
      },
      {
        from: 'Math.floor(bytes / 2)',
        to: 'bytes',
        breaks: 'as much is sent as was refused',
      },
      {
        from: 'Math.floor(bytes / 2));\n    this.successes = 0;',
        to: 'Math.floor(bytes / 2));',
        breaks: 'successes from before a refusal count',
      },
      {
        from: 'if (this.successes < SUCCESSES_TO_GROW) return;',
        to: 'if (this.successes <= SUCCESSES_TO_GROW) return;',
        breaks: 'one success more than needed',
      },
      {
        from: 'this.bytes *= GROWTH;',
        to: '',
        breaks: 'a limit that was raised is never found out',
      },
      {
        from: 'part.length > 0 && bytes + record.bytes.byteLength > this.bytes',
        to: 'bytes + record.bytes.byteLength > this.bytes',
        breaks: 'a part without records',
      },
      {
        from: 'bytes + record.bytes.byteLength > this.bytes',
        to: 'bytes + record.bytes.byteLength >= this.bytes',
        breaks: 'a part that just fits is cut',
      },
      {
        from: '        bytes = 0;',
        to: '',
        breaks: 'after the first part each record goes alone',
      },
      {
        from: 'if (part.length > 0) parts.push(part);',
        to: '',
        breaks: 'the last part is lost',
      },
    ],
  },
  {
    file: 'deliver/langfuse-transport.ts',
    simulated: true,
    specs: ['test/deliver/langfuse-transport'],
    mutants: [
      {
        from: 'limit.split(records).toReversed();',
        to: 'limit.split(records);',
        breaks: 'parts arrive in the wrong order',
      },
      {
        from: 'delivered += verdict.delivered;',
        to: 'delivered = verdict.delivered;',
        breaks: 'only the last part is counted as delivered',
      },
      {
        from: 'rejected += verdict.rejected;',
        to: '',
        breaks: 'what the server left out is lost without a reason',
      },
      {
        from: 'if (verdict.again.length > 0) parts.push([...verdict.again]);',
        to: '',
        breaks: 'what the server could not store now is lost',
      },
      {
        from: 'rejected += part.length;',
        to: '',
        breaks: 'a bad record is lost without a reason',
      },
      {
        from: 'refused.push(...part);',
        to: '',
        breaks: 'a bad record is not put aside',
      },
      {
        from: 'refused.push(...verdict.refused);',
        to: '',
        breaks: 'a bad score is not put aside',
      },
      {
        from: 'parts.pop();',
        to: '',
        breaks: 'a part is sent again for ever',
      },
      {
        from: 'cut.originals(parts.toReversed().flat()),',
        to: 'parts.toReversed().flat(),',
        breaks: 'what was cut stands for what is on the disk',
      },
      {
        from: 'cut.originals(parts.toReversed().flat()),',
        to: 'cut.originals(parts.flat()),',
        breaks: 'what a shutdown leaves is in no order',
      },
      {
        from: 'this.gates.hasten();',
        to: '',
        breaks: 'shutdown waits for a back-off',
      },
      {
        from: 'this.closing.abort();',
        to: '',
        breaks: 'a probe outlives shutdown',
      },
      {
        from: 'if (attempt > 0) counts.retries += 1;',
        to: '',
        breaks: 'retries are not counted',
      },
      {
        from: 'if (unknown) counts.resentAfterUnknown += records.length;',
        to: 'if (unknown) counts.resentAfterUnknown += 1;',
        breaks: 'a batch that may arrive twice counts as one record',
      },
      {
        from: 'records.length,\n        () => pass.isCurrent(),',
        to: 'records.length,\n        () => true,',
        breaks: 'a stale connection is replaced although the gate is shut',
      },
      {
        from: "unknown = outcome.kind === 'destination' && outcome.unknown;",
        to: "unknown ||= outcome.kind === 'destination' && outcome.unknown;",
        breaks: 'an answer does not end the doubt about an earlier request',
      },
      {
        from: 'pass.failed(this.failure(lane, outcome));',
        to: '',
        breaks: 'a request that fails is sent again at once',
      },
      {
        from: "if (outcome.kind === 'ok') proof.taken(number);",
        to: '',
        breaks: 'what a route takes proves nothing',
      },
      {
        from: "outcome.kind === 'payload' &&",
        to: 'false &&',
        breaks: 'a 400 for everything loses everything',
      },
      {
        from: 'limit.accepted();',
        to: '',
        breaks: 'a limit that was raised is never found out',
      },
      {
        from: 'limit.refused(records);',
        to: '',
        breaks: 'each batch finds out the limit anew',
      },
      {
        from: 'pass.succeeded();',
        to: '',
        breaks: 'a success opens no gate',
      },
      {
        from: "cause: outcome.cause,\n          concerns: 'lane',",
        to: "cause: outcome.cause,\n          concerns: 'destination',",
        breaks: 'a route that refuses its probe holds the other lane',
      },
      {
        from: "return { concerns: 'destination', ...failure, endpoint };",
        to: "return { ...failure, concerns: 'destination', endpoint };",
        breaks: 'a route that fails alone holds the other lane',
      },
    ],
  },
];
