/** The application: an assistant that answers questions about documents. */
import { Module } from '@nestjs/common';
import { LangfuseModule } from 'nestjs-langfuse';
import { Answerer } from './answerers/answerer.js';
import { ExtractiveAnswerer } from './answerers/extractive.answerer.js';
import { OpenAiAnswerer } from './answerers/openai.answerer.js';
import { isOpenAiConfigured } from './answerers/openai.settings.js';
import { AskController } from './assistant/ask.controller.js';
import { AssistantService } from './assistant/assistant.service.js';
import { FeedbackController } from './assistant/feedback.controller.js';
import { DocumentIndex } from './documents/document-index.js';
import { RetrieverService } from './documents/retriever.service.js';

@Module({
  imports: [LangfuseModule.forRoot()],
  controllers: [AskController, FeedbackController],
  providers: [
    AssistantService,
    RetrieverService,
    DocumentIndex,
    {
      provide: Answerer,
      useClass: isOpenAiConfigured(process.env)
        ? OpenAiAnswerer
        : ExtractiveAnswerer,
    },
  ],
})
export class AppModule {}
