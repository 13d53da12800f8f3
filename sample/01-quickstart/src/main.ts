/**
 * Starts the assistant, asks it a few questions, shows their traces, and keeps
 * running. Without Langfuse keys a receiver in this process takes the traces.
 */
import { NestFactory } from '@nestjs/core';
import { LangfuseQueue, LangfuseService } from 'nestjs-langfuse';
import { Answerer } from './answerers/answerer.js';
import { AppModule } from './app.module.js';
import { ledgerLine } from './tour/ledger-line.js';
import { LocalTraces } from './tour/local-traces.js';
import { quickstartPort } from './tour/ports.js';
import { ServerTraces } from './tour/server-traces.js';
import { print } from './tour/terminal.js';
import { takeTour } from './tour/tour.js';
import { welcome, whatNext } from './tour/texts.js';

const { LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY } = process.env;
const hasKeys = Boolean(LANGFUSE_PUBLIC_KEY || LANGFUSE_SECRET_KEY);
// Sets LANGFUSE_*, which LangfuseModule.forRoot() reads when Nest starts.
const local = hasKeys ? undefined : await LocalTraces.start(process.env);

const app = await NestFactory.create(AppModule, {
  logger: ['warn', 'error', 'fatal'],
});
app.enableShutdownHooks();

const queue = app.get(LangfuseQueue);
const langfuse = app.get(LangfuseService);
const traces = local ?? new ServerTraces(langfuse);
// Nest ends the process right after its shutdown hooks; the queue completes
// within the last one, when all is sent.
queue.events$.subscribe({
  complete() {
    traces.close();
    print('', 'Drained:', `  ${ledgerLine(queue.stats())}`);
  },
});

await app.listen(await quickstartPort(process.env), '127.0.0.1');
const url = await app.getUrl();
print(...welcome(url, traces.where, app.get(Answerer).description));
try {
  await takeTour(url, langfuse, traces);
  print(...whatNext(url, hasKeys));
  traces.follow();
} catch (error) {
  // Ctrl-C in the middle: nobody listens any more.
  print('', `The tour ended early: ${String(error)}`);
}
