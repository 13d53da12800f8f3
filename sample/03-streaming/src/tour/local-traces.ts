/** Without keys, traces go to a receiver in this process. */
import {
  type LangfuseLocalServer,
  type LocalTrace,
  renderTrace,
  startLangfuseLocal,
} from 'nestjs-langfuse/local';

export class LocalTraces {
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

  /**
   * The tree of a trace, as soon as it is whole.
   *
   * @throws Error when it is not within seconds.
   */
  async tree(traceId: string): Promise<string> {
    const trace = await this.receiver.waitFor((local) =>
      local.traces().find((each) => each.id === traceId && isWhole(each)),
    );
    return `${renderTrace(trace)}\n${firstWord(trace)}`;
  }

  close(): Promise<void> {
    return this.receiver.close();
  }
}

/** When the client leaves, the root is the first to end, and not the last. */
function isWhole({ root, observations }: LocalTrace): boolean {
  const ids = new Set(observations.map(({ id }) => id));
  return (
    root !== undefined &&
    observations.some(({ type }) => type === 'GENERATION') &&
    observations.every(
      ({ parentObservationId: parent }) => parent === null || ids.has(parent),
    )
  );
}

/** Which Langfuse shows as the time to the first token. */
function firstWord({ observations }: LocalTrace): string {
  const said = observations.find(({ type }) => type === 'GENERATION');
  if (!said?.completionStartTime) return 'no word was said';
  const { startTime, completionStartTime } = said;
  return `first word after ${Date.parse(completionStartTime) - Date.parse(startTime)} ms`;
}
