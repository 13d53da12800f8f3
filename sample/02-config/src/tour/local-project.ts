/** Without keys, the traces of a project go to a receiver in this process. */
import {
  type LangfuseLocalServer,
  type LocalTrace,
  renderTrace,
  startLangfuseLocal,
} from 'nestjs-langfuse/local';

export class LocalProject {
  private readonly shown = new Set<string>();

  private constructor(
    private readonly name: string,
    private readonly receiver: LangfuseLocalServer,
  ) {}

  /** Starts a receiver and points `<prefix>_*` of the environment to it. */
  static async start(name: string, prefix: string): Promise<LocalProject> {
    const receiver = await startLangfuseLocal();
    process.env[`${prefix}_BASE_URL`] = receiver.url;
    process.env[`${prefix}_PUBLIC_KEY`] = receiver.publicKey;
    process.env[`${prefix}_SECRET_KEY`] = receiver.secretKey;
    // Somebody watches: seconds, where production likes larger batches.
    process.env['LANGFUSE_FLUSH_INTERVAL'] ||= '1';
    return new LocalProject(name, receiver);
  }

  /** Prints what has come since the last time. */
  show(): void {
    for (const trace of this.receiver.traces()) this.print(trace);
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
    console.log(`\nin the project ${this.name}:\n${renderTrace(trace)}`);
    const written = trace.observations.find(({ name }) => name === 'write');
    console.log(`recorded as output of "write": ${written?.output}`);
  }
}
