/** An application as a user's spec has it: the module in it, with options. */
import {
  Controller,
  Get,
  Injectable,
  Module,
  NotFoundException,
  Param,
  Sse,
  UseInterceptors,
} from '@nestjs/common';
import { map, type Observable, of } from 'rxjs';
import {
  LangfuseInterceptor,
  LangfuseModule,
  LangfuseService,
  Trace,
} from '../../lib/index.js';

@Injectable()
export class SearchService {
  @Trace({ asType: 'retriever' })
  async find(question: string): Promise<string[]> {
    await Promise.resolve();
    if (question === 'unknown') throw new NotFoundException('no such page');
    return [`page about ${question}`];
  }
}

@Injectable()
export class ChatService {
  constructor(
    private readonly search: SearchService,
    private readonly langfuse: LangfuseService,
  ) {}

  @Trace({ asType: 'generation' })
  async answer(question: string): Promise<string> {
    const [page] = await this.search.find(question);
    this.langfuse.updateActiveObservation({
      model: 'gpt-5',
      usageDetails: { input: 10, output: 20 },
      metadata: { page: { title: page, pages: 1 } },
    });
    this.langfuse.scoreActiveObservation({ name: 'helpful', value: 1 });
    return `See ${page}`;
  }

  @Trace()
  async *stream(): AsyncGenerator<string> {
    yield 'Hel';
    yield 'lo';
  }
}

@UseInterceptors(LangfuseInterceptor)
@Controller()
export class ChatController {
  constructor(
    private readonly chat: ChatService,
    private readonly langfuse: LangfuseService,
  ) {}

  @Get('ask/:question')
  ask(@Param('question') question: string): Promise<string> {
    return this.langfuse.propagateAttributes(
      { userId: 'ada', sessionId: 's1', tags: ['demo'] },
      () => this.chat.answer(question),
    );
  }

  @Sse('events')
  events(): Observable<{ data: string }> {
    return of('a', 'b').pipe(map((data) => ({ data })));
  }
}

/** One object, so that it can be overridden. */
export const langfuse = LangfuseModule.forRoot({
  environment: 'staging',
  baseUrl: 'http://127.0.0.1:1',
  // What an application may well have for its tests.
  enabled: false,
  sampleRate: 0,
});

@Module({
  imports: [langfuse],
  providers: [SearchService, ChatService],
  controllers: [ChatController],
})
export class AppModule {}
