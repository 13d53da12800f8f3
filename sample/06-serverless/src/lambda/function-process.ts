/**
 * Lambda's runtime in the function's process, as far as it counts here: it calls
 * the handler for each event. Argument: the module that exports the handler.
 */
import type { FunctionHandler, Invocation, Outcome } from './invocation.js';

const { handler } = (await import(process.argv[2]!)) as {
  readonly handler: FunctionHandler;
};

async function invoke(invocation: Invocation): Promise<Outcome> {
  const { event, awsRequestId, deadline } = invocation;
  const getRemainingTimeInMillis = () => deadline - Date.now();
  try {
    const context = { awsRequestId, getRemainingTimeInMillis };
    return { result: await handler(event, context) };
  } catch (error) {
    return { error: String(error) };
  }
}

// Ctrl-C is for whoever started the tour.
process.on('SIGINT', () => {});
process.on('message', async (invocation: Invocation) => {
  process.send?.(await invoke(invocation));
});
process.send?.('ready');
