/** The service that users reach. */
import { Module } from '@nestjs/common';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { LangfuseModule } from 'nestjs-langfuse';
import { AskController } from './ask.controller.js';
import { AssistantService } from './assistant.service.js';
import { KNOWLEDGE, KnowledgeClient } from './knowledge.client.js';

@Module({
  imports: [
    LangfuseModule.forRoot({
      traceRequests: true,
      // On every observation of the trace, those of the other service too.
      requestAttributes: (context) => ({
        userId: context
          .switchToHttp()
          .getRequest<{ headers: Record<string, string | undefined> }>()
          .headers['x-user'],
      }),
    }),
    ClientsModule.registerAsync([
      {
        name: KNOWLEDGE,
        useFactory: () => ({
          transport: Transport.TCP,
          options: {
            host: '127.0.0.1',
            port: Number(process.env['KNOWLEDGE_PORT'] ?? 3001),
          },
        }),
      },
    ]),
  ],
  controllers: [AskController],
  providers: [AssistantService, KnowledgeClient],
})
export class GatewayModule {}
