/**
 * Runs the function as AWS Lambda would, takes the tour, and answers requests
 * until Ctrl-C; with `--once` it ends after the tour. It is not deployed:
 * `handler.ts` is.
 */
import type { AddressInfo } from 'node:net';
import { openFunctionUrl } from './lambda/function-url.js';
import { LocalLambda } from './lambda/local-lambda.js';
import { LocalTraces } from './tour/local-traces.js';
import { takeTour, takeTourWithoutFlush } from './tour/tour.js';

const { LANGFUSE_SECRET_KEY, PORT = '3000', TOUR } = process.env;
const isOnce = process.argv.includes('--once') || TOUR === 'once';
// Before the function starts, which gets this process's environment.
const local = LANGFUSE_SECRET_KEY ? undefined : await LocalTraces.start();
const lambda = await LocalLambda.start(new URL('handler.js', import.meta.url));
const server = await openFunctionUrl(lambda, Number(PORT));

let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  server.close();
  await lambda.end();
  await local?.close();
  process.exit();
}
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
console.log(`A function that is frozen after each invocation, at ${url}`);
try {
  await takeTour(lambda, () => local?.show());
  if (local) await takeTourWithoutFlush(() => local.show());
} catch (error) {
  // Ctrl-C in the middle: there is no function any more.
  if (!isStopping) throw error;
}

if (isOnce) {
  await stop();
} else {
  console.log(`
Ask it:  curl ${url} -d '{"question":"What is a cold start?"}'
End it:  Ctrl-C ends the function's process without a warning, as Lambda does`);
}
