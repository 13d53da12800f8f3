/** Without keys, both services send to a receiver in this process. */
import {
  type LangfuseLocalServer,
  type LocalTrace,
  renderTrace,
  startLangfuseLocal,
} from 'nestjs-langfuse/local';

/** What `OTEL_SERVICE_NAME` becomes. */
const SERVICE_NAME = 'resourceAttributes.service.name';

export class LocalTraces {
  private readonly shown = new Set<string>();

  private constructor(private readonly receiver: LangfuseLocalServer) {}

  /** Starts the receiver and points `LANGFUSE_*` to it. */
  static async start(): Promise<LocalTraces> {
    const receiver = await startLangfuseLocal();
    process.env['LANGFUSE_BASE_URL'] = receiver.url;
    process.env['LANGFUSE_PUBLIC_KEY'] = receiver.publicKey;
    process.env['LANGFUSE_SECRET_KEY'] = receiver.secretKey;
    // Somebody watches: parts of a second, where production likes larger batches.
    process.env['LANGFUSE_FLUSH_INTERVAL'] ||= '0.2';
    return new LocalTraces(receiver);
  }

  /** Prints a trace when the named observations, of both services, are here. */
  async show(traceId: string, names: readonly string[]): Promise<void> {
    const trace = await this.receiver.waitFor((local) =>
      names.every((name) => local.observations({ traceId, name }).length > 0)
        ? local.traces().find(({ id }) => id === traceId)
        : undefined,
    );
    this.print(trace);
  }

  /** Prints from now on what comes by itself. */
  follow(): void {
    this.receiver.on('trace', (trace) => this.print(trace));
  }

  close(): Promise<void> {
    return this.receiver.close();
  }

  private print(trace: LocalTrace): void {
    if (this.shown.has(trace.id)) return;
    this.shown.add(trace.id);
    console.log(`\n${renderTrace(trace)}`);
    for (const service of ['gateway', 'knowledge']) {
      const names = trace.observations
        .filter(({ metadata }) => metadata[SERVICE_NAME] === service)
        .map(({ name }) => name);
      console.log(`recorded by ${service}: ${names.join(', ')}`);
    }
  }
}
