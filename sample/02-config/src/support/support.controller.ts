/** `POST /ask`: the request is the root of a trace. */
import {
  Body,
  Controller,
  DefaultValuePipe,
  Post,
  UseInterceptors,
} from '@nestjs/common';
import { LangfuseInterceptor } from 'nestjs-langfuse';
import { SupportService } from './support.service.js';

@Controller('ask')
@UseInterceptors(LangfuseInterceptor)
export class SupportController {
  constructor(private readonly support: SupportService) {}

  @Post()
  async ask(
    @Body('question', new DefaultValuePipe('')) question: string,
  ): Promise<{ readonly text: string }> {
    return { text: await this.support.answer(question) };
  }
}
