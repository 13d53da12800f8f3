/** Starts the gateway, on `PORT` of loopback. */
import { NestFactory } from '@nestjs/core';
import { GatewayModule } from './gateway.module.js';

const app = await NestFactory.create(GatewayModule, {
  logger: ['warn', 'error', 'fatal'],
});
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
// Whoever started it waits for this.
process.send?.({ url: await app.getUrl() });
