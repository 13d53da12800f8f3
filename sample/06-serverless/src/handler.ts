/**
 * What is deployed: `dist/handler.handler`. Each invocation is flushed before
 * its answer is handed over, since the process is frozen then.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { withLangfuseFlush } from 'nestjs-langfuse';
import { AppModule } from './app.module.js';
import { createChatHandler } from './chat-handler.js';

export const handler = withLangfuseFlush(createChatHandler, {
  // By the first invocation; later ones use it again.
  app: () =>
    NestFactory.createApplicationContext(AppModule, {
      logger: ['warn', 'error', 'fatal'],
      // An error fails the invocation, and does not end the process.
      abortOnError: false,
    }),
});
