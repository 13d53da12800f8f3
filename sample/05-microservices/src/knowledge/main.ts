/** Starts the service, on `KNOWLEDGE_PORT` of loopback. */
import type { AddressInfo, Server } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { KnowledgeModule } from './knowledge.module.js';

const app = await NestFactory.createMicroservice<MicroserviceOptions>(
  KnowledgeModule,
  {
    logger: ['warn', 'error', 'fatal'],
    transport: Transport.TCP,
    options: {
      host: '127.0.0.1',
      port: Number(process.env['KNOWLEDGE_PORT'] ?? 3001),
    },
  },
);
app.enableShutdownHooks();
await app.listen();
const { port } = app.unwrap<Server>().address() as AddressInfo;
// Whoever started it waits for this.
process.send?.({ port });
