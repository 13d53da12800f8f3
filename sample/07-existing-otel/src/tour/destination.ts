/**
 * A receiver in this process, in the place of Langfuse or of the APM: it takes
 * any traces of OpenTelemetry.
 */
import {
  type LangfuseLocalServer,
  type LocalTrace,
  renderTrace,
  startLangfuseLocal,
} from 'nestjs-langfuse/local';

export class Destination {
  private readonly shown = new Set<string>();

  private constructor(
    private readonly title: string,
    private readonly receiver: LangfuseLocalServer,
  ) {}

  /** Starts a receiver and points `<prefix>_*` of the environment to it. */
  static async start(title: string, prefix: string): Promise<Destination> {
    const receiver = await startLangfuseLocal();
    process.env[`${prefix}_BASE_URL`] = receiver.url;
    process.env[`${prefix}_PUBLIC_KEY`] = receiver.publicKey;
    process.env[`${prefix}_SECRET_KEY`] = receiver.secretKey;
    return new Destination(title, receiver);
  }

  /** Prints the trace whose root is called `name`, as soon as it is here. */
  async show(name: string): Promise<void> {
    const isNew = ({ id, root }: LocalTrace) =>
      root?.name === name && !this.shown.has(id);
    this.print(
      await this.receiver.waitFor((local) => local.traces().find(isNew)),
    );
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
    console.log(`\n${this.title}:\n${renderTrace(trace)}`);
  }
}
