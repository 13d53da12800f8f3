/** `GET /chat?question=…`: an answer as server-sent events. */
import {
  Controller,
  DefaultValuePipe,
  type MessageEvent,
  Query,
  Sse,
} from '@nestjs/common';
import { LangfuseService } from 'nestjs-langfuse';
import { endWith, from, map, type Observable } from 'rxjs';
import { ChatService } from './chat.service.js';

@Controller('chat')
export class ChatController {
  constructor(
    private readonly chat: ChatService,
    private readonly langfuse: LangfuseService,
  ) {}

  /** Nest stops reading when the client leaves, and so ends all below. */
  @Sse()
  answer(
    @Query('question', new DefaultValuePipe('')) question: string,
  ): Observable<MessageEvent> {
    // The page asks for the trace by the id of the events.
    const id = this.langfuse.getActiveTraceId();
    return from(this.chat.answer(question)).pipe(
      map((text): MessageEvent => ({ id, data: text })),
      // Without it the browser takes the end for a failure, and asks again.
      endWith<MessageEvent>({ type: 'done', data: '' }),
    );
  }
}
