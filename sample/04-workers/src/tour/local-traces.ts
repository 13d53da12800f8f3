/** Without keys, traces go to a receiver in this process. */
import {
  type LangfuseLocalServer,
  type LocalTrace,
  renderTrace,
  startLangfuseLocal,
} from 'nestjs-langfuse/local';

export class LocalTraces {
  /** How many observations a trace had when it was printed. */
  private readonly printed = new Map<string, number>();

  private constructor(private readonly receiver: LangfuseLocalServer) {}

  /** Starts the receiver and points `LANGFUSE_*` to it. */
  static async start(): Promise<LocalTraces> {
    const receiver = await startLangfuseLocal({
      // API and worker send their parts of a trace when they like.
      traceQuietMs: 1500,
      repeatTraces: true,
    });
    process.env['LANGFUSE_BASE_URL'] = receiver.url;
    process.env['LANGFUSE_PUBLIC_KEY'] = receiver.publicKey;
    process.env['LANGFUSE_SECRET_KEY'] = receiver.secretKey;
    // Somebody watches: seconds, where production likes larger batches.
    process.env['LANGFUSE_FLUSH_INTERVAL'] ||= '0.5';
    return new LocalTraces(receiver);
  }

  /** Prints a trace once the request and all attempts at its job are there. */
  async show(traceId: string, attempts: number): Promise<void> {
    const ofJob = { traceId, name: 'summarise' };
    this.print(
      await this.receiver.waitFor((local) => {
        if (local.observations(ofJob).length < attempts) return undefined;
        // Until the request is there, the worker's part has a root of its own.
        return local
          .traces()
          .find(
            ({ id, root }) =>
              id === traceId && root?.parentObservationId === null,
          );
      }),
    );
  }

  /** Prints from now on what comes by itself, again when more of it comes. */
  follow(): void {
    this.receiver.on('trace', (trace) => this.print(trace));
  }

  stop(): Promise<void> {
    return this.receiver.close();
  }

  private print(trace: LocalTrace): void {
    const { id, observations } = trace;
    if (this.printed.get(id) === observations.length) return;
    this.printed.set(id, observations.length);
    console.log(`\n${renderTrace(trace)}`);
  }
}
