/** A chat whose answers are streamed, and whose traces say how far they came. */
import { Module } from '@nestjs/common';
import { LangfuseModule } from 'nestjs-langfuse';
import { ChatController } from './chat/chat.controller.js';
import { ChatService } from './chat/chat.service.js';
import { sessionOf } from './chat/session.js';
import { WordModel } from './chat/word-model.js';

@Module({
  imports: [
    LangfuseModule.forRoot({
      traceRequests: true,
      // Langfuse shows the traces of a session as one conversation.
      requestAttributes: (context) => ({ sessionId: sessionOf(context) }),
    }),
  ],
  controllers: [ChatController],
  providers: [ChatService, WordModel],
})
export class AppModule {}
