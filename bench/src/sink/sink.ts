/** The sink as the measured process sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type {
  FromSink,
  SinkMode,
  SinkReport,
  ToSink,
} from './sink-messages.js';

const SINK_PROCESS = fileURLToPath(new URL('sink-process.js', import.meta.url));

export class Sink {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<Sink> {
    const child = fork(SINK_PROCESS, { execArgv: [] });
    const { port } = await nextOf(child, 'listening');
    return new Sink(child, `http://127.0.0.1:${port}`);
  }

  /** Resolves when requests are answered so. */
  async answer(mode: SinkMode): Promise<void> {
    await this.ask({ say: 'mode', mode });
  }

  async report(): Promise<SinkReport> {
    const { report } = await this.ask({ say: 'report' });
    return report;
  }

  private ask<Say extends ToSink['say']>(
    message: ToSink & { readonly say: Say },
  ): Promise<Extract<FromSink, { say: Say }>> {
    const answer = nextOf(this.child, message.say);
    this.child.send(message);
    return answer;
  }
}

async function nextOf<Say extends FromSink['say']>(
  child: ChildProcess,
  say: Say,
): Promise<Extract<FromSink, { say: Say }>> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [FromSink];
    if (message.say === say) return message as Extract<FromSink, { say: Say }>;
  }
}
