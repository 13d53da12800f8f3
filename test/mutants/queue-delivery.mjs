// Mutants of how records leave a lane, and of who goes when it is full.
export const deliveryMutants = [
  {
    file: 'queue/delivery.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'this.busy < this.limits.maxConcurrency',
        to: 'this.busy <= this.limits.maxConcurrency',
        breaks: 'one request too many at once',
      },
      {
        from: 'ring.size > 1 && !isFull',
        to: 'ring.size > 0 && !isFull',
        breaks: 'nobody arms the timer for the first record',
      },
      {
        from: 'ring.size > 1 && !isFull(ring, this.limits.batch)',
        to: 'ring.size > 1',
        breaks: 'a batch that is full waits for the timer',
      },
      {
        from: 'isFew && !disk && this.isFree()',
        to: 'isFew && !disk',
        breaks:
          'who came in an outage and stayed, when all older ones had to go, waits for a timer after it',
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
        from: 'this.pipeline.add(context.transport.state$.subscribe(() => this.wake()));',
        to: '',
        breaks: 'a lane never hears that its destination is back',
      },
      {
        from: 'takeUntil(this.ended$),',
        to: '',
        breaks: 'a closed lane never ends',
      },
      {
        from: 'this.abort.abort();',
        to: '',
        breaks: 'shutdown ends no request',
      },
      {
        from: 'this.pipeline.unsubscribe();',
        to: '',
        breaks: 'what was under way at an exit is settled twice',
      },
      {
        from: '[...this.parts.inFlight, ...this.replaying]',
        to: '[...this.parts.inFlight]',
        breaks: 'an exit does not give back what was on the disk',
      },
      {
        from: '[...this.parts.inFlight, ...this.replaying]',
        to: '[...this.replaying]',
        breaks: 'an exit does not save what is in flight',
      },
      {
        from: 'Math.max(1, Math.floor(limits.maxConcurrency / 2));',
        to: 'limits.maxConcurrency;',
        breaks: 'what was on the disk takes all slots',
      },
      {
        from: 'Math.max(1, Math.floor(limits.maxConcurrency / 2));',
        to: 'Math.floor(limits.maxConcurrency / 2);',
        breaks: 'with one slot nothing comes back from the disk',
      },
      {
        from: 'replaying.size < most && this.isFree();',
        to: 'replaying.size < most;',
        breaks: 'what was on the disk is sent to a destination that fails',
      },
      {
        from: 'merge(this.live(), disk ? this.replayed(disk) : EMPTY)',
        to: 'merge(disk ? this.replayed(disk) : EMPTY, this.live())',
        breaks: 'what was on the disk goes before what is new',
      },
      {
        from: 'const rest = batch.records;\n      return',
        to: 'const rest: QueueRecord[] = [];\n      return',
        breaks: 'a transport that throws at a shutdown loses the batch',
      },
      {
        from: 'delivered - rejected - spooled;',
        to: 'delivered - spooled;',
        breaks: 'what is rejected is lost once more',
      },
      {
        from: 'delivered - rejected - spooled;',
        to: 'delivered - rejected;',
        breaks: 'what is saved is lost as well',
      },
      {
        from: "? 'shutdown_deadline'",
        to: "? 'transport_error'",
        breaks: 'a shutdown is taken for a fault of the transport',
      },
      {
        from: 'if (isLive(batch)) inFlight.delete(batch);',
        to: 'if (isLive(batch)) void batch;',
        breaks: 'a flush waits for what is settled',
      },
      {
        from: 'else this.replaying.delete(batch);',
        to: '',
        breaks: 'a few batches come back from the disk, and no more',
      },
      {
        from: 'for (const record of batch.records) record.release?.();',
        to: '',
        breaks: 'the memory of delivered records is never used again',
      },
      {
        from: "drops.report('rejected', rejected, cause);",
        to: "drops.report('rejected', delivered, cause);",
        breaks: 'events tell of drops that were deliveries',
      },
      {
        from: 'drops.report(lostReason, lost, cause);\n    unsettled.notify();',
        to: 'drops.report(lostReason, lost, cause);',
        breaks: 'who waits never hears that a batch is settled',
      },
      {
        from: 'this.busy -= 1;\n      this.wake();',
        to: 'this.busy -= 1;',
        breaks: 'a free slot is used when the next record comes, if one does',
      },
      {
        from: 'this.busy -= 1;',
        to: '',
        breaks: 'a slot is never free again',
      },
      {
        from: 'this.abort.signal.aborted ? rest : [];',
        to: '[];',
        breaks: 'shutdown forgets what it ends on the disk',
      },
      {
        from: 'disk?.settle(batch.records, refused, left) ?? 0;',
        to: 'disk?.settle(batch.records, [], left) ?? 0;',
        breaks: 'what the server refused is not put aside',
      },
    ],
  },
  {
    file: 'queue/replays.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'if (pulling) return;',
        to: '',
        breaks: 'who is woken while being handed a batch is handed one in it',
        equivalent:
          'a batch takes its slot before anybody is woken, and the loop goes on as it would',
      },
      {
        from: '      pulling = false;',
        to: '',
        breaks: 'nothing comes back from the disk after the first time',
      },
      {
        from: 'isFree() && !subscriber.closed) {',
        to: '!subscriber.closed) {',
        breaks: 'batches are read for a destination that is busy',
      },
      {
        from: '          tryLater();',
        to: '',
        breaks: 'a file that could not be read is never asked for again',
      },
      {
        from: 'timer ??= clock.after(',
        to: 'timer ??= clock.afterHolding(',
        breaks: 'a file that cannot be read holds the process',
      },
      {
        from: '        timer = undefined;',
        to: '',
        breaks: 'a file that cannot be read is asked for once more, not again',
      },
      {
        from: '      timer?.cancel();',
        to: '',
        breaks: 'the timer outlives the subscription',
      },
    ],
  },
  {
    file: 'queue/lane-disk.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: "this.spool.mode === 'event' ?",
        to: 'true ?',
        breaks: 'each record is written, although nobody has asked for that',
      },
      {
        from: "this.spool.mode === 'event' ?",
        to: 'false ?',
        breaks: 'no record is on the disk when enqueue() returns',
      },
      {
        from: 'if (count === 0) return false;',
        to: '',
        breaks: 'a disk that takes nothing is asked for ever',
      },
      {
        from: 'ledger.spill(count, spilled.bytes);',
        to: '',
        breaks: 'what went to the disk is in memory in the books',
      },
      {
        from: 'unsettled.spilled(spilled, log.lastNumber - before);',
        to: '',
        breaks: 'a flush does not follow its records to the disk',
      },
      {
        from: 'for (const record of spilled.records) record.release?.();',
        to: '',
        breaks: 'the memory of what went to the disk is never used again',
      },
      {
        from: 'if (log.save([record]) > 0) saved.push(record);',
        to: '',
        breaks: 'what the disk has is dropped behind what it does not take',
      },
      {
        from: 'Math.min(limits.count, room.records);',
        to: 'limits.count;',
        breaks: 'more records come back than memory has room for',
      },
      {
        from: 'Math.min(limits.bytes, room.bytes);',
        to: 'limits.bytes;',
        breaks: 'more bytes come back than memory has room for',
      },
      {
        from: 'room.isEmpty ? Infinity : room.bytes',
        to: 'room.bytes',
        breaks: 'a record that is larger than memory waits for ever',
      },
      {
        from: 'room.isEmpty ? Infinity : room.bytes',
        to: 'Infinity',
        breaks:
          'a record that is larger than what is left of memory comes back',
      },
      {
        from: 'if (count <= 0 || most <= 0) return undefined;',
        to: '',
        breaks: 'something comes back when there is no room',
      },
      {
        from: 'this.parts.ledger.unspool(records.length, bytes);',
        to: '',
        breaks: 'what comes back is in no books',
      },
      {
        from: 'this.log.reject(refused);',
        to: 'this.log.settle(refused);',
        breaks: 'what the server refused is not put aside',
      },
      {
        from: 'this.log.settle(settled);',
        to: '',
        breaks: 'what is settled is delivered again by the next process',
      },
      {
        from: 'records.filter((record) => !others.has(record));',
        to: 'records;',
        breaks: 'what shutdown ends is forgotten by the disk that has it',
      },
    ],
  },
  {
    file: 'queue/room.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'ledger.bytes - ring.bytes - pending.bytes + bytes > maxBytes',
        to: 'ledger.bytes - pending.bytes + bytes > maxBytes',
        breaks: 'the newest goes, although the oldest could',
      },
      {
        from: 'ledger.queued + ledger.inFlight >= maxRecords ||',
        to: 'ledger.queued + ledger.inFlight > maxRecords ||',
        breaks: 'one record more than the queue may hold',
      },
      {
        from: 'if (disk?.spill()) continue;',
        to: '',
        breaks: 'a full queue drops beside a disk',
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
        from: 'return queued + inFlight === 0;',
        to: 'return queued === 0;',
        breaks: 'a record that is larger than memory comes beside others',
      },
    ],
  },
  {
    file: 'queue/drops.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'this.overflowed = 0;',
        to: '',
        breaks: 'a second overflow is told to nobody',
      },
      {
        from: 'if (this.overflowed > 1) return;',
        to: '',
        breaks: 'each record that is dropped is told of for itself',
        equivalent: 'the first of them tells of all, the others of none',
      },
      {
        from: 'if (count === 0) return;',
        to: '',
        breaks: 'drops of nobody are told',
      },
    ],
  },
];
