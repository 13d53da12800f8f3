/** The application in the function: no server, only providers. */
import { Module } from '@nestjs/common';
import { LangfuseModule } from 'nestjs-langfuse';
import { AnswerModel } from './chat/answer-model.js';
import { ChatService } from './chat/chat.service.js';
import { Facts } from './chat/facts.js';

@Module({
  imports: [LangfuseModule.forRoot()],
  providers: [ChatService, Facts, AnswerModel],
})
export class AppModule {}
