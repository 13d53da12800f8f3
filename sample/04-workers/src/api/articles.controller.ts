/** `POST /articles` queues a summary, `GET /articles/:id` tells how it goes. */
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Param,
  Post,
} from '@nestjs/common';
import { LangfuseService, NoTrace } from 'nestjs-langfuse';
import { ArticlesService, type Progress } from './articles.service.js';

/** What the client is told at once. */
export interface Submitted {
  readonly id: string;
  readonly traceId?: string;
}

@Controller('articles')
export class ArticlesController {
  constructor(
    private readonly articles: ArticlesService,
    private readonly langfuse: LangfuseService,
  ) {}

  @Post()
  submit(
    @Body('text') text: unknown,
    @Body('userId') userId: unknown,
  ): Promise<Submitted> {
    if (typeof text !== 'string' || text.trim() === '') {
      throw new BadRequestException('text must be a text');
    }
    // The worker's observations have this user, too.
    const user = typeof userId === 'string' ? { userId } : {};
    return this.langfuse.propagateAttributes(user, async () => ({
      id: await this.articles.submit(text),
      traceId: this.langfuse.getActiveTraceId(),
    }));
  }

  /** Clients ask again and again; that is no trace each. */
  @Get(':id')
  @NoTrace()
  progress(@Param('id') id: string): Promise<Progress> {
    return this.articles.progressOf(id);
  }
}
