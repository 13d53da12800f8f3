/** The same function without `withLangfuseFlush()`, to see what is lost. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { createChatHandler } from '../chat-handler.js';

export const handler = createChatHandler(
  await NestFactory.createApplicationContext(AppModule, {
    logger: ['warn', 'error', 'fatal'],
  }),
);
