// Mutants of the way of a record through its lane.
export const laneMutants = [
  {
    file: 'queue/batches.ts',
    simulated: true,
    specs: ['test/queue/batches'],
    mutants: [
      {
        from: 'source.firstSeq <= dueUpTo ||',
        to: 'source.firstSeq < dueUpTo ||',
        breaks: 'a flush leaves a single record waiting',
      },
      {
        from: 'source.bytes > limits.bytes;',
        to: 'false;',
        breaks: 'bytes make no batch due',
      },
      {
        from: 'dueUpTo = source.lastSeq;',
        to: 'dueUpTo = source.lastSeq - 1;',
        breaks: 'a flush leaves the newest record waiting',
      },
      {
        from: '      pulling = false;',
        to: '',
        breaks: 'nothing leaves after the first time',
      },
      {
        from: 'if (pulling) return;',
        to: '',
        breaks: 'who enqueues while being handed a batch is handed one in it',
      },
      {
        from: '      timer = undefined;',
        to: '',
        breaks: 'no window after the first one ends by time',
      },
      {
        from: 'isDue() && isFree() &&',
        to: 'isDue() &&',
        breaks: 'batches are cut for a destination that is busy',
      },
      {
        from: 'Math.max(1, Math.ceil(elapsed / limits.timeMs))',
        to: 'Math.ceil(elapsed / limits.timeMs)',
        breaks: 'a window that begins now ends at once',
      },
      {
        from: 'timer = clock.after(',
        to: 'timer = clock.afterHolding(',
        breaks: 'the timer of a batch holds the process',
      },
      {
        from: '|| timer || subscriber.closed) return;',
        to: '|| timer) return;',
        breaks: 'a timer is armed for nobody',
      },
      {
        from: '      timer?.cancel();\n      for (const',
        to: '      for (const',
        breaks: 'the timer outlives the subscription',
      },
      {
        from: 'for (const subscription of subscriptions) subscription.unsubscribe();',
        to: '',
        breaks: 'what moves it keeps listeners that are gone',
      },
    ],
  },
  {
    file: 'queue/lane.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'this.busy < limits.maxConcurrency',
        to: 'this.busy <= limits.maxConcurrency',
        breaks: 'one request too many at once',
      },
      {
        from: 'outsideOfRequests(),',
        to: '',
        breaks: 'delivery runs in the request that filled the batch',
      },
      {
        from: 'setMaxListeners(Infinity, this.abort.signal);',
        to: '',
        breaks: 'Node warns of a leak where there is none',
      },
      {
        from: 'this.pipeline.add(transport.state$.subscribe(() => this.wake$.next()));',
        to: '',
        breaks: 'a lane never hears that its destination is back',
      },
      {
        from: "else this.turnAway(record, 'closed');",
        to: "else this.turnAway(record, 'overflow');",
        breaks: 'what comes after shutdown is dropped for the wrong reason',
      },
      {
        from: "else this.refuse(this.open ? 'overflow' : 'closed');",
        to: '',
        breaks: 'a record that is still being made is lost without a count',
      },
      {
        from: 'if (isTaken) this.ledger.enqueue(expectedBytes);',
        to: '',
        breaks: 'a record that is still being made is in no books',
      },
      {
        from: '() => this.arrive(place, undefined),',
        to: '() => undefined,',
        breaks: 'a record that cannot be made is waited for',
      },
      {
        from: 'return record?.release?.();',
        to: 'return;',
        breaks: 'the memory of what comes too late is never used again',
      },
      {
        from: 'place.seq = this.ring.lastSeq + 1;',
        to: '',
        breaks: 'who waits for a record takes it for settled once it is ready',
      },
      {
        from: 'this.ledger.recall(place.expectedBytes);',
        to: '',
        breaks: 'a record counts as made and as being made',
      },
      {
        from: 'else if (this.unsettled.isAwaited(place)) this.flush$.next();',
        to: '',
        breaks: 'a flush does not send what is ready after it was called',
      },
      {
        from: 'else if (this.unsettled.isAwaited(place)) this.flush$.next();\n    this.unsettled.notify();',
        to: 'else if (this.unsettled.isAwaited(place)) this.flush$.next();',
        breaks: 'who waits never hears of a record that could not be made',
      },
      {
        from: "this.ledger.dropQueued('shutdown_deadline', count, bytes + pending.bytes);",
        to: '',
        breaks: 'what shutdown leaves is not counted',
      },
      {
        from: 'this.abort.abort();',
        to: '',
        breaks: 'shutdown ends no request',
      },
      {
        from: 'this.pipeline.unsubscribe();',
        to: '',
        breaks: 'a closed lane goes on listening',
      },
      {
        from: 'delivered - rejected;',
        to: 'delivered;',
        breaks: 'what is rejected is lost once more',
      },
      {
        from: "? 'shutdown_deadline'",
        to: "? 'transport_error'",
        breaks: 'a shutdown is taken for a fault of the transport',
      },
      {
        from: 'this.inFlight.delete(batch);',
        to: '',
        breaks: 'a flush waits for what is settled',
      },
      {
        from: 'for (const record of batch.records) record.release?.();',
        to: '',
        breaks: 'the memory of delivered records is never used again',
      },
      {
        from: "this.report('rejected', rejected, cause);",
        to: "this.report('rejected', delivered, cause);",
        breaks: 'events tell of drops that were deliveries',
      },
      {
        from: 'this.report(restReason, rest, cause);\n    this.unsettled.notify();',
        to: 'this.report(restReason, rest, cause);',
        breaks: 'who waits never hears that a batch is settled',
      },
      {
        from: 'this.busy -= 1;\n      this.wake$.next();',
        to: 'this.busy -= 1;',
        breaks: 'a free slot is used when the next record comes, if one does',
      },
      {
        from: 'this.busy -= 1;',
        to: '',
        breaks: 'a slot is never free again',
      },
      {
        from: 'ledger.bytes - ring.bytes - pending.bytes + bytes > maxBytes',
        to: 'ledger.bytes - pending.bytes + bytes > maxBytes',
        breaks: 'the newest goes, although the oldest could',
      },
      {
        from: 'this.ledger.queued + this.ledger.inFlight >= maxRecords ||',
        to: 'this.ledger.queued + this.ledger.inFlight > maxRecords ||',
        breaks: 'one record more than the queue may hold',
      },
      {
        from: "overflow === 'drop-newest' ||",
        to: "overflow === 'drop-oldest' ||",
        breaks: 'a full queue drops from the wrong end',
      },
      {
        from: 'oldest?.release?.();',
        to: '',
        breaks: 'the memory of dropped records is never used again',
      },
      {
        from: 'this.overflowed = 0;',
        to: '',
        breaks: 'a second overflow is told to nobody',
      },
    ],
  },
  {
    file: 'queue/ledger.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'this.enqueued += 1;\n    this.count(reason, 1);',
        to: 'this.count(reason, 1);',
        breaks: 'what is refused at the door was never there',
      },
      {
        from: 'this.bytes -= bytes;',
        to: '',
        breaks: 'bytes of dropped records are held for ever',
      },
      {
        from: '    this.enqueued -= 1;',
        to: '',
        breaks: 'a record that is made later was enqueued twice',
      },
      {
        from: 'this.bytes -= expectedBytes;',
        to: '',
        breaks: 'expected bytes are held beside the real ones',
      },
      {
        from: 'this.inFlight += records;',
        to: '',
        breaks: 'what is in flight is nowhere',
      },
      {
        from: 'this.inFlight -= batch.delivered + dropped;',
        to: 'this.inFlight -= batch.delivered;',
        breaks: 'rejected records are in flight for ever',
      },
      {
        from: 'const dropped = { ...this.dropped };',
        to: 'const dropped = this.dropped;',
        breaks: 'a snapshot goes on counting',
      },
      {
        from: 'const change = count - (earlier[reason] ?? 0);',
        to: 'const change = count;',
        breaks: 'a flush tells of drops from before',
      },
      {
        from: 'if (change > 0) since[reason] = change;',
        to: 'if (change > 1) since[reason] = change;',
        breaks: 'a flush does not tell of a single drop',
      },
      {
        from: 'sum.bytes += ledger.bytes;',
        to: 'sum.bytes = ledger.bytes;',
        breaks: 'only the bytes of the last lane count',
      },
      {
        from: 'sum.dropped[reason] = (sum.dropped[reason] ?? 0) + count;',
        to: 'sum.dropped[reason] = count;',
        breaks: 'only the drops of the last lane count',
      },
      {
        from: 'accounted !== enqueued ||',
        to: '',
        breaks: 'the audit passes a record that is lost',
      },
      {
        from: '(queued + inFlight === 0 && bytes !== 0)',
        to: 'false',
        breaks: 'the audit passes bytes of nobody',
      },
    ],
  },
  {
    file: 'queue/pending-records.ts',
    simulated: false,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'this.expected += expectedBytes;',
        to: '',
        breaks: 'the oldest that is ready goes for what is still being made',
      },
      {
        from: 'if (!this.records.delete(record)) return false;',
        to: 'this.records.delete(record);',
        breaks: 'a record arrives that was dropped meanwhile',
      },
      {
        from: 'this.expected -= record.expectedBytes;',
        to: '',
        breaks: 'expected bytes are never given back',
      },
      {
        from: 'if (oldest) this.remove(oldest);',
        to: '',
        breaks: 'the same record is dropped again and again',
      },
      {
        from: '    this.records.clear();',
        to: '',
        breaks: 'what shutdown has dropped is sent when it is ready',
      },
      {
        from: 'this.records.size === 0 ? NONE : new Set(this.records);',
        to: 'NONE;',
        breaks: 'a flush does not wait for what is still being made',
      },
      {
        from: 'this.records.size === 0 ? NONE : new Set(this.records);',
        to: 'this.records;',
        breaks:
          'a flush waits for what comes after it, and for nothing of its own',
      },
    ],
  },
  {
    file: 'queue/ring-buffer.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'return this.pushed - this.length;',
        to: 'return this.pushed - this.length + 1;',
        breaks: 'sequence numbers of batches are off by one',
      },
      {
        from: 'if (this.length === this.slots.length) this.grow();',
        to: '',
        breaks: 'the newest is written over the oldest',
      },
      {
        from: 'this.slots[this.head] = undefined;',
        to: '',
        breaks: 'bytes of records that are gone stay in memory',
      },
      {
        from: 'this.head = (this.head + 1) & (this.slots.length - 1);',
        to: 'this.head = this.head + 1;',
        breaks: 'nothing is found behind the last slot',
      },
      {
        from: 'this.byteLength -= record.bytes.byteLength;',
        to: '',
        breaks: 'bytes are not given back',
      },
      {
        from: 'while (records.length < count) {',
        to: 'while (records.length <= count) {',
        breaks: 'one record too many in a batch',
      },
      {
        from: 'if (records.length > 0 && taken',
        to: 'if (taken',
        breaks: 'a record larger than any batch blocks all others',
      },
      {
        from: 'taken + next.bytes.byteLength > bytes',
        to: 'taken > bytes',
        breaks: 'a batch passes its limit by its last record',
      },
      {
        from: 'lastSeq: firstSeq + records.length - 1,',
        to: 'lastSeq: firstSeq + records.length,',
        breaks: 'a batch claims the record after it',
      },
      {
        from: 'this.slots[(this.head + i) & (this.slots.length - 1)];',
        to: 'this.slots[i];',
        breaks: 'growing mixes up the order',
      },
      {
        from: 'this.head = 0;',
        to: '',
        breaks: 'growing loses the oldest',
      },
    ],
  },
  {
    file: 'queue/unsettled.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'Math.max(0, Math.min(last, seq) - first + 1);',
        to: 'Math.min(last, seq) - first + 1;',
        breaks: 'what comes after a flush makes less of what is pending',
      },
      {
        from: 'Math.min(last, seq) - first + 1',
        to: 'last - first + 1',
        breaks: 'a flush counts what came after it as pending',
      },
      {
        from: 'for (const record of pending) if (this.isOpen(record)) count += 1;',
        to: '',
        breaks: 'what is still being made is not pending',
      },
      {
        from: 'this.waiters.add(waiter);\n    this.notify();',
        to: 'this.waiters.add(waiter);',
        breaks: 'who waits for nothing waits for the next settlement',
      },
      {
        from: 'if (watermark.pending.has(record)) return true;',
        to: 'return true;',
        breaks: 'a record that nobody waits for ends its batch',
      },
      {
        from: 'firstUnsettled = Math.min(firstUnsettled, firstSeq);',
        to: 'firstUnsettled = firstSeq;',
        breaks: 'a flush waits for the batch that was cut last, not for all',
      },
      {
        from: 'if (seq >= firstUnsettled) continue;',
        to: 'if (seq > firstUnsettled) continue;',
        breaks: 'a flush resolves one record early',
      },
      {
        from: 'if (this.hasOpen(pending)) continue;',
        to: '',
        breaks: 'a flush resolves before what was still being made',
      },
      {
        from: '      this.waiters.delete(waiter);\n      waiter.done();',
        to: '      waiter.done();',
        breaks: 'who waits is told again for each batch',
      },
      {
        from: 'if (this.pending.has(record)) return true;',
        to: '',
        breaks: 'what is still being made counts as settled',
      },
      {
        from: 'if (seq >= this.ring.firstSeq) return true;',
        to: '',
        breaks: 'what is ready since the flush counts as settled',
      },
      {
        from: 'if (firstSeq <= seq && seq <= lastSeq) return true;',
        to: 'if (firstSeq < seq && seq <= lastSeq) return true;',
        breaks: 'the first record of a batch counts as settled in flight',
      },
    ],
  },
];
