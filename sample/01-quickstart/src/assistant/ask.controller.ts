/** `POST /ask`: the request that becomes a trace. */
import {
  Body,
  Controller,
  HttpCode,
  Post,
  UseInterceptors,
} from '@nestjs/common';
import { LangfuseInterceptor, LangfuseService } from 'nestjs-langfuse';
import { parseAskRequest } from './ask-request.js';
import { type Answer, AssistantService } from './assistant.service.js';

interface AskResponse extends Answer {
  /** For `POST /feedback`; absent with tracing off. */
  readonly traceId?: string;
}

@Controller('ask')
// The root of each trace. To trace all routes, provide it as APP_INTERCEPTOR.
@UseInterceptors(LangfuseInterceptor)
export class AskController {
  constructor(
    private readonly assistant: AssistantService,
    private readonly langfuse: LangfuseService,
  ) {}

  @Post()
  @HttpCode(200)
  async ask(@Body() body: unknown): Promise<AskResponse> {
    const { question, userId, sessionId } = parseAskRequest(body);
    // On the request's observation and on every one that starts within.
    const answer = await this.langfuse.propagateAttributes(
      { userId, sessionId, tags: ['quickstart'] },
      () => this.assistant.answer(question),
    );
    return { ...answer, traceId: this.langfuse.getActiveTraceId() };
  }
}
