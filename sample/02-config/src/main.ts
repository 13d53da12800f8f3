/**
 * Starts the application, takes its tour, and goes on listening; with `--once`
 * it ends after the tour. Without keys, traces stay in this process.
 */
import { NestFactory } from '@nestjs/core';
import { getLangfuseToken, LangfuseService } from 'nestjs-langfuse';
import { AppModule } from './app.module.js';
import { LocalProject } from './tour/local-project.js';
import { takeTour } from './tour/tour.js';

const isOnce =
  process.argv.includes('--once') || process.env['TOUR'] === 'once';
const { LANGFUSE_SECRET_KEY, BILLING_LANGFUSE_SECRET_KEY } = process.env;
const hasKeys = Boolean(LANGFUSE_SECRET_KEY || BILLING_LANGFUSE_SECRET_KEY);
// Before Nest starts, which reads the environment.
const local = hasKeys
  ? []
  : await Promise.all([
      LocalProject.start('without a name', 'LANGFUSE'),
      LocalProject.start("'billing'", 'BILLING_LANGFUSE'),
    ]);

const app = await NestFactory.create(AppModule, {
  logger: ['warn', 'error', 'fatal'],
});
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
const url = await app.getUrl();
console.log(`Two projects of Langfuse in one application, at ${url}`);

const services = [
  app.get(LangfuseService),
  app.get<LangfuseService>(getLangfuseToken('billing')),
];
await takeTour(url, async () => {
  await Promise.all(services.map((service) => service.flush()));
  for (const project of local) project.show();
});

if (isOnce) {
  await app.close();
  await Promise.all(local.map((project) => project.close()));
} else {
  for (const project of local) project.follow();
  console.log(`
Ask it:  curl ${url}/ask -H 'content-type: application/json' -d '{"question":"Did I pay invoice 1001?"}'
         curl -X POST ${url}/invoices/1002/reminder
End it:  Ctrl-C sends what is queued`);
}
