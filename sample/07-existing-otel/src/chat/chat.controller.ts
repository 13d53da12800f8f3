/** `POST /ask` is about a model, `GET /articles` is not. */
import { Body, Controller, DefaultValuePipe, Get, Post } from '@nestjs/common';
import { LangfuseService } from 'nestjs-langfuse';
import { Database } from '../vendor/database.js';
import { ChatService } from './chat.service.js';

@Controller()
export class ChatController {
  constructor(
    private readonly chat: ChatService,
    private readonly database: Database,
    private readonly langfuse: LangfuseService,
  ) {}

  @Post('ask')
  async ask(
    @Body('question', new DefaultValuePipe('')) question: string,
    @Body('userId', new DefaultValuePipe('anonymous')) userId: string,
  ): Promise<{ readonly answer: string }> {
    const answer = await this.langfuse.propagateAttributes({ userId }, () =>
      this.chat.answer(question),
    );
    return { answer };
  }

  @Get('articles')
  articles(): Promise<readonly string[]> {
    return this.database.query('SELECT articles');
  }
}
