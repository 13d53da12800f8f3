/** The process that works: no HTTP, only jobs. */
import { NestFactory } from '@nestjs/core';
import { WorkerModule } from './worker.module.js';

const app = await NestFactory.createApplicationContext(WorkerModule, {
  logger: ['warn', 'error', 'fatal'],
});
// On SIGTERM the job that runs is finished, and its trace sent.
app.enableShutdownHooks();
process.send?.('ready');
