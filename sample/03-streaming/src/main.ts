/**
 * Starts the chat, takes its tour, and goes on listening; with `--once` it ends
 * after the tour. Without keys, traces stay in this process.
 */
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { LocalTraces } from './tour/local-traces.js';
import { TourModule } from './tour/tour.module.js';
import { takeTour } from './tour/tour.js';

const isOnce =
  process.argv.includes('--once') || process.env['TOUR'] === 'once';
// Before Nest starts, which reads the environment.
const local = process.env['LANGFUSE_SECRET_KEY']
  ? undefined
  : await LocalTraces.start();

const app = await NestFactory.create<NestExpressApplication>(
  TourModule.showing(local),
  { logger: ['warn', 'error', 'fatal'] },
);
app.useStaticAssets(join(import.meta.dirname, '../public'));
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
const url = await app.getUrl();
console.log(`A chat with streamed answers, at ${url}`);

await takeTour(url, local);
if (isOnce) {
  await app.close();
  await local?.close();
} else {
  console.log(`
Try it:  open ${url} in a browser, ask something, and stop an answer
End it:  Ctrl-C sends what is queued`);
}
