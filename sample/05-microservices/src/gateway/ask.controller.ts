/** `POST /ask`: the request is the root of the trace. */
import { Body, Controller, DefaultValuePipe, Post } from '@nestjs/common';
import { LangfuseService } from 'nestjs-langfuse';
import { AssistantService } from './assistant.service.js';

@Controller('ask')
export class AskController {
  constructor(
    private readonly assistant: AssistantService,
    private readonly langfuse: LangfuseService,
  ) {}

  @Post()
  async ask(@Body('question', new DefaultValuePipe('')) question: string) {
    const answer = await this.assistant.answer(question);
    return { answer, traceId: this.langfuse.getActiveTraceId() };
  }
}
