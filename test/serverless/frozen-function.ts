/** A platform that freezes its function whenever that has nothing to answer. */
import type { LangfuseModuleOptions } from '../../lib/index.js';
import { PUBLIC_KEY, SECRET_KEY } from '../support/application.js';
import { ChildApplication } from '../support/child-application.js';

export interface FunctionOptions {
  readonly url: string;
  /** Whether its handler is wrapped with `withLangfuseFlush()`. */
  readonly wrapped: boolean;
  readonly flushTimeoutMs?: number;
  /** Options of its module. */
  readonly module?: LangfuseModuleOptions;
}

export interface FunctionEvent {
  /** Of the trace that the invocation records; another one for each. */
  readonly name: string;
  readonly observations?: number;
  /** What its `getRemainingTimeInMillis()` starts with. */
  readonly remainingMs?: number;
}

export interface FunctionAnswer {
  readonly name: string;
  /** Applications that the process has created. */
  readonly created: number;
  /** Records sent again without knowing whether they had arrived. */
  readonly resentAfterUnknown: number;
  readonly tookMs: number;
}

export class FrozenFunction {
  private readonly process: ChildApplication;

  constructor({
    url,
    wrapped,
    flushTimeoutMs = 10_000,
    module = {},
  }: FunctionOptions) {
    this.process = new ChildApplication(
      new URL('fixtures/function.mjs', import.meta.url),
      [JSON.stringify({ wrapped, flushTimeoutMs, module })],
      {
        LANGFUSE_PUBLIC_KEY: PUBLIC_KEY,
        LANGFUSE_SECRET_KEY: SECRET_KEY,
        LANGFUSE_BASE_URL: url,
        // By default nothing leaves the queue before somebody asks for it.
        LANGFUSE_FLUSH_AT: '10000',
        LANGFUSE_FLUSH_INTERVAL: '3600',
      },
    );
  }

  /** One invocation, and the freeze that follows on its answer. */
  async invoke(event: FunctionEvent): Promise<FunctionAnswer> {
    const answer = await this.start(event);
    this.freeze();
    return answer;
  }

  /** One invocation; what the process does next is up to the test. */
  async start({
    name,
    observations = 3,
    remainingMs = 60_000,
  }: FunctionEvent): Promise<FunctionAnswer> {
    this.process.signal('SIGCONT');
    this.process.tell(JSON.stringify({ name, observations, remainingMs }));
    const [, answer] = await this.process.printed(
      new RegExp(`answer (\\{"name":"${name}",.*\\})\\n`),
    );
    return JSON.parse(answer!) as FunctionAnswer;
  }

  freeze(): void {
    this.process.signal('SIGSTOP');
  }

  /** What it logged. */
  get log(): string {
    return this.process.output.replace(/^answer .*\n/gm, '');
  }
}
