/** The service that knows things. */
import { Module } from '@nestjs/common';
import { LangfuseModule } from 'nestjs-langfuse';
import { ArticlesService } from './articles.service.js';
import { KnowledgeController } from './knowledge.controller.js';

@Module({
  imports: [
    LangfuseModule.forRoot({
      // The trace is found in the field `langfuse` of a message.
      traceRequests: true,
      // User and session, too: only services of ours can send messages here.
      trustIncomingBaggage: true,
    }),
  ],
  controllers: [KnowledgeController],
  providers: [ArticlesService],
})
export class KnowledgeModule {}
