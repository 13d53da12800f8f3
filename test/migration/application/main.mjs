// What calls the service in every guide; the rest of the application is theirs.
import { AppModule } from './dist/app.module.js';
import { NestFactory } from '@nestjs/core';
import { ChatService } from './dist/chat.service.js';

const app = await NestFactory.createApplicationContext(AppModule, {
  logger: ['warn', 'error'],
});
await app.get(ChatService).answer('Capital of France?');
await app.close();
