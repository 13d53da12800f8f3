import { Langfuse } from 'langfuse';
import {
  ENVIRONMENT,
  type ObservationValues,
  RELEASE,
  type TraceValues,
} from '../values/trace-values.js';
import {
  type Contender,
  type ContenderSettings,
  PUBLIC_KEY,
  SECRET_KEY,
} from './contender.js';

/**
 * The client before version 4 with the defaults of its options. Its trace is
 * the root, and each start and end an event of its own. It cannot compress.
 */
export async function createLegacy({
  url,
}: ContenderSettings): Promise<Contender> {
  return new Legacy(
    new Langfuse({
      publicKey: PUBLIC_KEY,
      secretKey: SECRET_KEY,
      baseUrl: url,
      environment: ENVIRONMENT,
      release: RELEASE,
    }),
  );
}

class Legacy implements Contender {
  constructor(private readonly client: Langfuse) {}

  record(trace: TraceValues): void {
    const { name, userId, sessionId, root, children } = trace;
    const { input, metadata } = root;
    const recorded = this.client.trace({
      name,
      userId,
      sessionId,
      input,
      metadata,
    });
    for (const child of children) {
      if (child.call) {
        const { model, modelParameters, usageDetails } = child.call;
        recorded
          .generation({ ...startOf(child), model, modelParameters })
          .end({ output: child.output, usageDetails });
      } else {
        recorded.span(startOf(child)).end({ output: child.output });
      }
    }
    recorded.update({ output: root.output });
  }

  /**
   * `flushAsync()` sends one batch of 15 events, however many there are, and
   * what it resolves with tells, against its type, whether there were any.
   */
  async flush(): Promise<void> {
    const flushOnce = (): Promise<unknown> => this.client.flushAsync();
    while ((await flushOnce()) !== undefined);
  }

  async close(): Promise<void> {
    await this.flush();
    await this.client.shutdownAsync();
  }
}

function startOf({ name, input, metadata }: ObservationValues) {
  return { name, input, metadata };
}
