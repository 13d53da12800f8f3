/** The application. */
import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { LangfuseModule } from 'nestjs-langfuse';
import { ChatController } from './chat/chat.controller.js';
import { ChatService } from './chat/chat.service.js';
import { sdk, spanProcessor } from './instrumentation.js';
import { Database } from './vendor/database.js';
import { EmbeddingClient } from './vendor/embedding-client.js';

@Module({
  imports: [LangfuseModule.forRoot({ spanProcessor })],
  controllers: [ChatController],
  providers: [ChatService, Database, EmbeddingClient],
})
export class AppModule implements OnApplicationShutdown {
  /** What the APM has not got yet. The module's queue drains by itself. */
  onApplicationShutdown(): Promise<void> {
    return sdk.shutdown();
  }
}
