/**
 * Starts the application and the receivers that stand for Langfuse and the APM,
 * takes the tour, and goes on until Ctrl-C; with `--once` it ends after the tour.
 * It is not deployed: `instrumentation.ts` and `server.ts` are.
 */
import { once } from 'node:events';
import { pointExporterToApm } from './tour/apm.js';
import { Destination } from './tour/destination.js';
import { ServerProcess } from './tour/server-process.js';
import { takeTour } from './tour/tour.js';

const { LANGFUSE_SECRET_KEY, APM_BASE_URL, TOUR } = process.env;
const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = process.env;
const isOnce = process.argv.includes('--once') || TOUR === 'once';
// From here on a signal is an event: what is queued is to arrive first.
const isToEnd = Promise.race([
  once(process, 'SIGINT'),
  once(process, 'SIGTERM'),
]);

const langfuse = LANGFUSE_SECRET_KEY
  ? undefined
  : await Destination.start('In Langfuse', 'LANGFUSE');
const apm =
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || APM_BASE_URL
    ? undefined
    : await Destination.start('In the APM', 'APM');
pointExporterToApm(process.env);
// Somebody watches: parts of a second, where production likes larger batches.
if (langfuse) process.env['LANGFUSE_FLUSH_INTERVAL'] ||= '0.2';
if (apm) process.env['OTEL_BSP_SCHEDULE_DELAY'] ||= '200';

const server = await ServerProcess.start();
const { url } = server;
console.log(`An application with OpenTelemetry and an APM, at ${url}`);
await takeTour(url, { langfuse, apm });

if (!isOnce) {
  langfuse?.follow();
  apm?.follow();
  console.log(`
Ask it:  curl ${url}/ask -H 'content-type: application/json' -d '{"question":"Who has parents?"}'
         curl ${url}/articles
End it:  Ctrl-C sends what is queued, to both`);
  await isToEnd;
}
await server.end();
await langfuse?.close();
await apm?.close();
