/** Loaded into both applications: without the tour nobody would end them. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
