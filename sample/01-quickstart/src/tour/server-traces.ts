/** Traces go to the Langfuse server that `LANGFUSE_*` names, and are linked. */
import type { LangfuseService } from 'nestjs-langfuse';
import { print } from './terminal.js';
import type { TraceView } from './trace-view.js';

export class ServerTraces implements TraceView {
  readonly where = 'the Langfuse server that the LANGFUSE_* variables name';

  constructor(private readonly langfuse: LangfuseService) {}

  async show(traceId: string | undefined): Promise<void> {
    if (traceId === undefined) return;
    const url = await this.langfuse.getTraceUrl(traceId);
    print('', `trace ${url ?? `${traceId} (the server gave no address)`}`);
  }

  follow(): void {
    // The server's pages show what comes.
  }

  close(): void {
    // Nothing of it is ours to close.
  }
}
