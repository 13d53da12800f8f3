/** `GET /traces/:id`: shows the page what became of a question. */
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { LangfuseService, NoTrace } from 'nestjs-langfuse';
import { LocalTraces } from './local-traces.js';

interface ShownTrace {
  /** Where there is a receiver in this process. */
  readonly tree?: string;
  /** Where Langfuse shows it, otherwise. */
  readonly url?: string;
}

@Controller('traces')
export class TracesController {
  constructor(
    @Inject(LocalTraces) private readonly local: LocalTraces | null,
    private readonly langfuse: LangfuseService,
  ) {}

  @Get(':id')
  @NoTrace()
  async show(@Param('id') id: string): Promise<ShownTrace> {
    return this.local
      ? { tree: await this.local.tree(id) }
      : { url: await this.langfuse.getTraceUrl(id) };
  }
}
