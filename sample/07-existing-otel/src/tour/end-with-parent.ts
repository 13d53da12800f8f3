/** Loaded into the application: without the tour nobody would end it. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
