// Mutants of what the queue does with its spool, and of how it waits.
export const spoolMutants = [
  {
    file: 'queue/queue-spool.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'lanes[event.lane].adopt(event.count);',
        to: '',
        breaks: 'what another process has left is in no books',
      },
      {
        from: 'return queueMicrotask(() => emit(event));',
        to: 'return undefined;',
        breaks: 'nobody is told what another process has left',
      },
      {
        from: 'return lanes[event.lane].leave(event.count);',
        to: 'return undefined;',
        breaks: 'what another process has taken over is in the books of both',
      },
      {
        from: 'return lanes[event.lane].lose(event.reason, event.count, event.cause);',
        to: 'return undefined;',
        breaks: 'what the disk has lost waits for ever',
      },
      {
        from: 'disk.open();',
        to: '',
        breaks: 'nobody looks for what other processes have left',
      },
      {
        from: "if (spool?.mode !== 'overflow') return 0;",
        to: '',
        breaks: 'time is kept for saving what is on the disk',
      },
      {
        from: 'Math.min(neededMs, timeoutMs * SAVING_SHARE);',
        to: 'neededMs;',
        breaks: 'a short shutdown has no time for sending',
      },
    ],
  },
  {
    file: 'queue/drain.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'mark: lane.flush() }',
        to: 'mark: lane.mark() }',
        breaks: 'a flush waits for the batch to fill',
      },
      {
        from: "['destination', lane.name].includes(concerns)",
        to: "['destination', lane.name, 'scores'].includes(concerns)",
        breaks: 'a route that fails ends the last attempt of the other',
      },
      {
        from: 'pending += lane.countUnsettled(mark);',
        to: 'pending = lane.countUnsettled(mark);',
        breaks: 'only what the last lane has left is pending',
      },
      {
        from: 'Math.max(0, after.spooled - before.spooled)',
        to: 'after.spooled - before.spooled',
        breaks: 'a flush that empties the disk tells of less than nothing',
      },
    ],
  },
  {
    file: 'queue/settled-within.ts',
    simulated: true,
    specs: ['test/queue/'],
    mutants: [
      {
        from: 'Math.min(timeoutMs, LONGEST_TIMER_MS)',
        to: 'timeoutMs',
        breaks: 'a very late deadline comes at once',
      },
      {
        from: 'clock.afterHolding(',
        to: 'clock.after(',
        breaks: 'the process ends while somebody awaits a flush',
      },
      {
        from: 'forkJoin(waits.map(resultOf)).pipe(',
        to: 'merge(...waits.map(resultOf)).pipe(map((one) => [one]),',
        breaks: 'a flush ends with the first lane',
      },
      {
        from: 'return () => timer.cancel();',
        to: 'return undefined;',
        breaks: 'the timer of a flush holds the process',
      },
      {
        from: 'results.every(Boolean)',
        to: 'results.some(Boolean)',
        breaks: 'what was given up counts as settled',
      },
    ],
  },
];
