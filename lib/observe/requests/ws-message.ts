/** Messages of WebSocket gateways, whichever adapter carries them. */
import type { ExecutionContext } from '@nestjs/common';
import type { IncomingRequest } from './incoming-request.js';
import { carrierIn, withoutCarrier } from './payload.js';

export function wsMessage(context: ExecutionContext): IncomingRequest {
  const ws = context.switchToWs();
  const data: unknown = ws.getData();
  const pattern = String(ws.getPattern());
  return {
    name: `ws ${pattern}`,
    routes: [pattern],
    input: withoutCarrier(data),
    metadata: { pattern },
    carrier: carrierIn(data),
  };
}
