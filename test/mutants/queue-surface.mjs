// Mutants of the queue around its lanes, and of what it is built on.
export const surfaceMutants = [
  {
    file: 'queue/langfuse-queue.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'Math.min(flushAt, MAX_SCORES_PER_BATCH),',
        to: 'flushAt,',
        breaks: 'more scores in a request than the server takes',
      },
      {
        from: 'Math.min(maxBatchBytes, MAX_SCORE_BATCH_BYTES),',
        to: 'maxBatchBytes,',
        breaks: 'more bytes of scores in a request than the server takes',
      },
      {
        from: "else this.refuse('spans');",
        to: '',
        breaks: 'a record of no lane is lost without a count',
      },
      {
        from: 'this.closing ??= this.close(',
        to: 'this.closing = this.close(',
        breaks: 'a second shutdown begins anew',
      },
      {
        from: 'this.closing ?? this.flushNow(',
        to: 'this.flushNow(',
        breaks: 'a flush after shutdown says that nothing was delivered',
      },
      {
        from: 'for (const lane of this.all) lane.stopIntake();',
        to: '',
        breaks: 'a queue that shuts down takes records',
      },
      {
        from: 'return queued + inFlight;',
        to: 'return queued;',
        breaks: 'the log forgets what is in flight',
      },
      {
        from: 'this.transport.hasten();',
        to: '',
        breaks: 'shutdown waits for a back-off',
      },
      {
        from: 'this.destination.unsubscribe();\n    await',
        to: 'await',
        breaks: 'the end of a back-off after shutdown is a recovery',
      },
      {
        from: 'await Promise.all(this.all.map((lane) => lane.close()));',
        to: 'void Promise.all(this.all.map((lane) => lane.close()));',
        breaks: 'shutdown counts before all is settled',
      },
      {
        from: 'this.transport.close();\n    this.leave();',
        to: 'this.leave();',
        breaks: 'sockets stay open after shutdown',
      },
      {
        from: 'this.log.closed(this.stats());',
        to: '',
        breaks: 'nobody is told what shutdown lost',
      },
      {
        from: 'this.spool?.disk.close();',
        to: '',
        breaks: 'the next process waits until this one is taken for dead',
      },
      {
        from: 'if (this.isClosed) return;\n    this.isClosed',
        to: 'this.isClosed',
        breaks: 'shutdown after an exit says all again',
      },
      {
        from: 'for (const lane of this.all) lane.saveNow();',
        to: '',
        breaks: 'an exit saves nothing',
      },
      {
        from: 'this.leave();\n    this.transport.close();',
        to: 'this.leave();',
        breaks: 'sockets stay open after an exit',
      },
      {
        from: "status === 'failing' && failing.has(concerns),",
        to: "status === 'failing',",
        breaks: 'shutdown does not try again what fails for the first time',
      },
      {
        from: "status === 'failing' && failing.has(concerns),",
        to: 'false,',
        breaks: 'shutdown waits for a destination that was and is failing',
      },
      {
        from: 'this.drain(timeoutMs - savingMs,',
        to: 'this.drain(timeoutMs,',
        breaks: 'shutdown saves when its time is over',
      },
      {
        from: 'if (spool) openSpool(spool, { lanes: this.lanes, emit });',
        to: '',
        breaks: 'nobody looks for what other processes have left',
      },
      {
        from: 'this.events.complete();',
        to: '',
        breaks: 'who listens to events is never let go',
      },
      {
        from: '      pending: 0,',
        to: '',
        breaks: 'shutdown says that dropped records are pending',
      },
      {
        from: 'this.all.filter(({ name }) => this.transport.isFree(name));',
        to: 'this.all;',
        breaks: 'a recovery is told only when the other lane is well, too',
      },
    ],
  },
  {
    file: 'queue/queue-settings.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'maxRecords: settings.maxQueueSize,',
        to: 'maxRecords: settings.maxQueueBytes,',
        breaks: 'the number of records has no bound',
      },
      {
        from: 'maxBytes: settings.maxQueueBytes,',
        to: 'maxBytes: settings.maxBatchBytes,',
        breaks: 'a queue holds no more bytes than a batch',
      },
      {
        from: 'maxConcurrency: settings.maxConcurrency,',
        to: 'maxConcurrency: settings.flushAt,',
        breaks: 'as many requests at once as there are records in a batch',
      },
      {
        from: "dueAt: exportMode === 'immediate' ? 1 : count,",
        to: 'dueAt: count,',
        breaks: 'what is to go at once waits',
      },
      {
        from: '      bytes,',
        to: '      bytes: settings.maxBatchBytes,',
        breaks: 'the bound for the bytes of scores is that of spans',
      },
      {
        from: 'timeMs: flushInterval * 1000,',
        to: 'timeMs: flushInterval,',
        breaks: 'seconds are taken for milliseconds',
      },
    ],
  },
  {
    file: 'queue/outages.ts',
    simulated: false,
    specs: ['test/queue/outages'],
    mutants: [
      {
        from: "if (status === 'ready') this.failing.delete(concerns);",
        to: '',
        breaks: 'an outage never ends',
      },
      {
        from: "if (status !== 'failing') return;",
        to: "if (status === 'ready') return;",
        breaks: 'the end of a back-off takes the cause away',
      },
      {
        from: 'this.failing.get(concerns)?.since ?? new Date()',
        to: 'new Date()',
        breaks: 'an outage begins anew with each attempt',
      },
    ],
  },
  {
    file: 'queue/clock.ts',
    simulated: false,
    specs: ['test/queue/clock'],
    mutants: [
      {
        from: 'performance.now()',
        to: 'Date.now()',
        breaks: 'a wall clock that jumps moves deadlines',
      },
      {
        from: 'setTimeout(callback, delayMs).unref();',
        to: 'setTimeout(callback, delayMs);',
        breaks: 'a timer in the background holds the process',
      },
      {
        from: 'setTimeout(callback, delayMs);',
        to: 'setTimeout(callback, delayMs).unref();',
        breaks: 'the process ends before who waits is answered',
      },
      {
        from: 'setTimeout(callback, delayMs).unref();\n    return { cancel: () => clearTimeout(timeout) };',
        to: 'setTimeout(callback, delayMs).unref();\n    return { cancel: () => undefined };',
        breaks: 'a timer cannot be cancelled',
      },
      {
        from: 'setTimeout(callback, delayMs);\n    return { cancel: () => clearTimeout(timeout) };',
        to: 'setTimeout(callback, delayMs);\n    return { cancel: () => timeout.unref() };',
        breaks: 'a timer that is cancelled fires all the same',
      },
      {
        from: 'setTimeout(callback, delayMs).unref();',
        to: 'setInterval(callback, delayMs).unref();',
        breaks: 'a timer fires again and again',
      },
      {
        from: 'setTimeout(callback, delayMs);',
        to: 'setTimeout(callback, delayMs * 1000);',
        breaks: 'milliseconds are taken for seconds',
      },
    ],
  },
  {
    file: 'queue/outside-of-requests.ts',
    simulated: false,
    specs: ['test/queue/outside-of-requests'],
    mutants: [
      {
        from: 'outside.runInAsyncScope(() => subscriber.next(value))',
        to: 'subscriber.next(value)',
        breaks: 'delivery sees the request that filled a batch',
      },
      {
        from: 'outside.runInAsyncScope(',
        to: "new AsyncResource('nestjs-langfuse:queue').runInAsyncScope(",
        breaks: 'what is outside is made inside of a request',
      },
      {
        from: 'error: (error: unknown) => subscriber.error(error),',
        to: 'error: () => undefined,',
        breaks: 'an error is kept from who listens',
      },
      {
        from: 'complete: () => subscriber.complete(),',
        to: '',
        breaks: 'who listens waits after the end',
      },
      {
        from: '      source.subscribe({',
        to: '      void source.subscribe({',
        breaks: 'who leaves goes on being handed batches',
      },
    ],
  },
  {
    file: 'queue/queue-log.ts',
    simulated: false,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'if (this.failing.has(concerns)) return;',
        to: '',
        breaks: 'each failed attempt writes a line',
      },
      {
        from: 'this.failing.add(concerns);',
        to: '',
        breaks: 'a recovery is told to nobody',
      },
      {
        from: '${records(waiting(),',
        to: '${records(waiting() - 1,',
        breaks: 'the line about a failure forgets a record',
      },
      {
        from: 'if (!this.failing.delete(concerns)) return;',
        to: '',
        breaks: 'a recovery is told that nobody had missed',
      },
      {
        from: 'if (dropped + spooled === 0) return;',
        to: '',
        breaks: 'a shutdown without a loss writes a line',
      },
      {
        from: "if (reason === 'shutdown_deadline') return;",
        to: '',
        breaks: 'what shutdown loses is told twice',
      },
      {
        from: 'untold.count += count;',
        to: 'untold.count = count;',
        breaks: 'drops between two lines are not told',
      },
      {
        from: 'if (now - untold.toldAt < REPEAT_MS) return undefined;',
        to: '',
        breaks: 'each drop writes a line',
      },
      {
        from: 'untold.count = 0;',
        to: '',
        breaks: 'drops are told again in the next line',
      },
      {
        from: 'untold.toldAt = now;',
        to: '',
        breaks: 'a drop that goes on writes a line each time',
      },
      {
        from: 'count === 1 ?',
        to: 'count <= 1 ?',
        breaks: 'no record is one record',
      },
      {
        from: "dropped > 0 ? 'warn' : 'log',",
        to: "'warn',",
        breaks: 'a shutdown that loses nothing warns',
      },
      {
        from: "if (state.status === 'working') {",
        to: 'if (false) {',
        breaks: 'a disk that works again is told as one that fails',
      },
    ],
  },
];
