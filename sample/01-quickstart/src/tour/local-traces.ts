/** Traces go to a receiver in this process and are printed as trees. */
import {
  type LangfuseLocalServer,
  type LocalTrace,
  renderScore,
  renderTrace,
  startLangfuseLocal,
} from 'nestjs-langfuse/local';
import { freePort } from './ports.js';
import { print, renderOptions } from './terminal.js';
import type { TraceView } from './trace-view.js';

/** The port of `npx nestjs-langfuse local`, if nobody has it. */
const USUAL_PORT = 3030;

export class LocalTraces implements TraceView {
  readonly where: string;
  private readonly shown = new Set<string>();

  private constructor(private readonly receiver: LangfuseLocalServer) {
    this.where = `${receiver.url}, a receiver in this process; no account is needed`;
  }

  /** Starts the receiver and points `LANGFUSE_*` of `env` to it. */
  static async start(env: NodeJS.ProcessEnv): Promise<LocalTraces> {
    const receiver = await startLangfuseLocal({
      port: await freePort(USUAL_PORT),
    });
    env['LANGFUSE_BASE_URL'] = receiver.url;
    env['LANGFUSE_PUBLIC_KEY'] = receiver.publicKey;
    env['LANGFUSE_SECRET_KEY'] = receiver.secretKey;
    // Somebody watches: seconds, where production likes larger batches.
    env['LANGFUSE_FLUSH_INTERVAL'] ||= '1';
    return new LocalTraces(receiver);
  }

  async show(): Promise<void> {
    for (const trace of this.receiver.traces()) {
      if (trace.root) this.print(trace);
    }
  }

  follow(): void {
    this.receiver.on('trace', (trace) => this.print(trace));
    this.receiver.on('score', (score) => {
      // The tree of a trace that is still to be shown will have it.
      if (!this.shown.has(score.traceId ?? '')) return;
      print('', renderScore(score, renderOptions()));
    });
  }

  close(): void {
    void this.receiver.close();
  }

  private print(trace: LocalTrace): void {
    if (this.shown.has(trace.id)) return;
    this.shown.add(trace.id);
    print('', renderTrace(trace, renderOptions()));
  }
}
