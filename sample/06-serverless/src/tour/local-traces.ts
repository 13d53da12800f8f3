/** Without keys, traces go to a receiver in this process. */
import {
  type LangfuseLocalServer,
  renderTrace,
  startLangfuseLocal,
} from 'nestjs-langfuse/local';

export class LocalTraces {
  private readonly shown = new Set<string>();

  private constructor(private readonly receiver: LangfuseLocalServer) {}

  /** Starts the receiver and points `LANGFUSE_*` to it. */
  static async start(): Promise<LocalTraces> {
    const receiver = await startLangfuseLocal();
    process.env['LANGFUSE_BASE_URL'] = receiver.url;
    process.env['LANGFUSE_PUBLIC_KEY'] = receiver.publicKey;
    process.env['LANGFUSE_SECRET_KEY'] = receiver.secretKey;
    // So that nothing arrives but by a flush, however slow this machine is.
    process.env['LANGFUSE_FLUSH_INTERVAL'] ||= '60';
    return new LocalTraces(receiver);
  }

  /** Prints what has come since the last time, or that nothing has. */
  show(): void {
    const traces = this.receiver
      .traces()
      .filter(({ id }) => !this.shown.has(id));
    for (const trace of traces) {
      this.shown.add(trace.id);
      console.log(renderTrace(trace));
    }
    if (traces.length === 0) console.log('nothing');
  }

  close(): Promise<void> {
    return this.receiver.close();
  }
}
