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
        from: '|| bytes > limits.bytes;',
        to: ';',
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
        from: 'else if (this.unsettled.isAwaited(place)) this.delivery.flush();',
        to: '',
        breaks: 'a flush does not send what is ready after it was called',
      },
      {
        from: 'else if (this.unsettled.isAwaited(place)) this.delivery.flush();\n    this.unsettled.notify();',
        to: 'else if (this.unsettled.isAwaited(place)) this.delivery.flush();',
        breaks: 'who waits never hears of a record that could not be made',
      },
      {
        from: "this.ledger.dropQueued('shutdown_deadline', lost, lostBytes);",
        to: '',
        breaks: 'what shutdown leaves is not counted',
      },
      {
        from: 'this.ledger.spill(saved.count, saved.bytes);',
        to: '',
        breaks: 'what shutdown saves is not counted',
      },
      {
        from: 'this.unsettled.leaveDisk();',
        to: '',
        breaks:
          'a flush goes on waiting for what the next process will deliver',
      },
      {
        from: 'this.unsettled.leaveDisk();\n    this.unsettled.notify();',
        to: 'this.unsettled.leaveDisk();',
        breaks: 'a flush waits on after shutdown',
      },
      {
        from: 'this.delivery.stop();',
        to: '',
        breaks: 'batches leave while a lane closes',
      },
      {
        from: 'this.delivery.endNow();',
        to: 'void this.delivery.end();',
        breaks: 'what is under way when the process exits is not saved',
      },
      {
        from: 'if (!this.disk?.spillAll()) return',
        to: 'if (this.disk || !this.disk) return',
        breaks: 'what memory has no room for is dropped beside a disk',
      },
      {
        from: '!this.disk?.spillAll()',
        to: '!this.disk',
        breaks: 'what memory has no room for goes there beside others',
      },
      {
        from: 'const isTaken = this.disk.spill() || !this.room.dropOldest();',
        to: 'const isTaken = this.disk.spill();',
        breaks: 'memory keeps what it has no room for',
      },
      {
        from: 'this.ring.push(this.disk?.keep(record) ?? record);',
        to: 'this.ring.push(record);',
        breaks: 'no record is kept on the disk',
      },
      {
        from: 'this.ledger.adopt(count);',
        to: '',
        breaks: 'what another process has left is in no books',
      },
      {
        from: 'queueMicrotask(() => this.delivery.wake());',
        to: '',
        breaks: 'what another process has left waits for the next record',
      },
      {
        from: 'this.ledger.adopt(-count);',
        to: '',
        breaks: 'what another process has taken over is in the books of both',
      },
      {
        from: 'this.ledger.dropSpooled(reason, count);',
        to: '',
        breaks: 'what the disk has lost waits for ever',
      },
      {
        from: 'this.drops.report(reason, count, cause);',
        to: '',
        breaks: 'nobody is told what the disk has lost',
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
        from: 'this.bytes -= bytes;\n    this.count(reason, records);',
        to: 'this.count(reason, records);',
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
        from: 'this.queued -= records;\n    this.inFlight += records;',
        to: 'this.queued -= records;',
        breaks: 'what is in flight is nowhere',
      },
      {
        from: 'this.inFlight -= delivered + spooled + totalDropped(batch.dropped);',
        to: 'this.inFlight -= delivered + spooled;',
        breaks: 'rejected records are in flight for ever',
      },
      {
        from: 'this.spooled += records;\n    this.bytes -= bytes;',
        to: 'this.spooled += records;',
        breaks: 'bytes of what is on the disk are held in memory for ever',
      },
      {
        from: 'this.inFlight += records;\n    this.bytes += bytes;',
        to: 'this.inFlight += records;',
        breaks: 'what comes back from the disk takes no memory',
      },
      {
        from: 'this.spooled -= records;\n    this.inFlight += records;',
        to: 'this.inFlight += records;',
        breaks: 'what comes back from the disk is still there',
      },
      {
        from: 'this.enqueued += records;',
        to: '',
        breaks: 'what another process has left was never enqueued',
      },
      {
        from: 'this.spooled += spooled;',
        to: '',
        breaks: 'what a shutdown leaves to the disk is nowhere',
      },
      {
        from: 'sum.spooled += ledger.spooled;',
        to: 'sum.spooled = ledger.spooled;',
        breaks: 'only what the last lane has on the disk counts',
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
        from: 'while (records.length < Math.min(count, this.length)) {',
        to: 'while (records.length < Math.min(count + 1, this.length)) {',
        breaks: 'one record too many in a batch',
      },
      {
        from: 'if (records.length > 0 && seen',
        to: 'if (seen',
        breaks: 'a record larger than any batch blocks all others',
      },
      {
        from: 'seen > bytes',
        to: 'seen - next.bytes.byteLength > bytes',
        breaks: 'a batch passes its limit by its last record',
      },
      {
        from: 'lastSeq: this.firstSeq - 1,',
        to: 'lastSeq: this.firstSeq,',
        breaks: 'a batch claims the record after it',
      },
      {
        from: 'bytes: byteLength - this.byteLength,',
        to: 'bytes: byteLength,',
        breaks: 'a batch claims the bytes of all that wait',
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
      {
        from: 'count = Math.max(count, onDisk);',
        to: 'count += onDisk;',
        breaks: 'what is in memory and on the disk is pending twice',
      },
      {
        from: 'else count += onDisk;',
        to: '',
        breaks: 'what is on the disk alone is not pending',
      },
      {
        from: 'if (this.countOnDisk(waiter.watermark) > 0) continue;',
        to: '',
        breaks: 'a flush does not wait for what is on the disk',
      },
      {
        from: 'upToNumber: this.spool?.log.lastNumber ?? 0,',
        to: 'upToNumber: 0,',
        breaks: 'a flush does not wait for what was on the disk before it',
      },
      {
        from: 'let last = written > 0 ? Math.min(watermark.seq, lastSeq) : -1;',
        to: 'let last = -1;',
        breaks: 'a flush forgets what goes to the disk while it waits',
      },
      {
        from: 'if (seq <= lastSeq) last = Math.max(last, seq);',
        to: '',
        breaks: 'a flush forgets what was pending and went to the disk',
      },
      {
        from: 'if (last < firstSeq) continue;',
        to: '',
        breaks: 'a flush waits for what came after it and went to the disk',
      },
      {
        from: 'written === records.length ? lastSeq - last : 0;',
        to: '0;',
        breaks: 'a flush waits for all that goes to the disk with its own',
      },
    ],
  },
];
