/**
 * Starts both services, takes the tour, and goes on until Ctrl-C; with `--once`
 * it ends after the tour. Without keys, traces come to this process.
 */
import { once } from 'node:events';
import { LocalTraces } from './tour/local-traces.js';
import { ServiceProcess } from './tour/service-process.js';
import { takeTour } from './tour/tour.js';

const isOnce =
  process.argv.includes('--once') || process.env['TOUR'] === 'once';
// From here on a signal is an event: what is queued is to arrive first.
const isToEnd = Promise.race([
  once(process, 'SIGINT'),
  once(process, 'SIGTERM'),
]);

const local = process.env['LANGFUSE_SECRET_KEY']
  ? undefined
  : await LocalTraces.start();
const knowledge = await ServiceProcess.start<{ port: number }>('knowledge', {
  KNOWLEDGE_PORT: '0',
});
const gateway = await ServiceProcess.start<{ url: string }>('gateway', {
  KNOWLEDGE_PORT: String(knowledge.ready.port),
});
const { url } = gateway.ready;
console.log(`A gateway at ${url}, and the service that it asks over TCP`);

await takeTour(url, local);
if (!isOnce) {
  local?.follow();
  console.log(`
Ask it:  curl ${url}/ask -H 'content-type: application/json' -d '{"question":"Where do seasons come from?"}'
End it:  Ctrl-C sends what is queued`);
  await isToEnd;
}
// The gateway first: it may still ask the other one.
await gateway.end();
await knowledge.end();
await local?.close();
