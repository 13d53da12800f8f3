/**
 * Starts both applications and what they need, takes the tour, and lets them run
 * until Ctrl-C; with `--once` they end after the tour. It stands where Docker
 * Compose or Kubernetes would: `api/main.ts` and `worker/main.ts` know nothing
 * of it.
 */
import { Application } from './tour/application.js';
import { LocalRedis } from './tour/local-redis.js';
import { LocalTraces } from './tour/local-traces.js';
import { takeTour } from './tour/tour.js';

const { LANGFUSE_SECRET_KEY, REDIS_URL, TOUR } = process.env;
const isOnce = process.argv.includes('--once') || TOUR === 'once';

interface Service {
  stop(): Promise<void>;
}
const services: Promise<Service>[] = [];
let isStopping = false;

async function start<T extends Service>(begin: () => Promise<T>): Promise<T> {
  // Nothing more is to begin; stop() ends the process.
  if (isStopping) return new Promise(() => {});
  const service = begin();
  services.push(service);
  return service;
}

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  // What was started first is needed by the others.
  for (const service of services.toReversed()) await (await service).stop();
  process.exit();
}
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

// Both set variables, which the applications get.
const local = LANGFUSE_SECRET_KEY
  ? undefined
  : await start(() => LocalTraces.start());
if (!REDIS_URL) await start(() => LocalRedis.start());
await start(() => Application.start('worker'));
const { message: url } = await start(() => Application.start('api'));

console.log(`Articles are taken at ${url}, and summarised by a worker`);
try {
  await takeTour(url, async (...trace) => local?.show(...trace));
} catch (error) {
  // Ctrl-C in the middle: nobody listens any more.
  if (!isStopping) throw error;
}

if (isOnce) {
  await stop();
} else {
  local?.follow();
  console.log(`
Ask it:  curl ${url}/articles -H 'content-type: application/json' -d '{"text":"One. Two.","userId":"you"}'
         curl ${url}/articles/1
End it:  Ctrl-C lets the worker finish its job, and sends what is queued`);
}
