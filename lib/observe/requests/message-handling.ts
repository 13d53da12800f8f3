import { recordFailure } from './failure.js';
import type { Handling } from './incoming-request.js';
import { RequestScope } from './request-scope.js';
import { ResponseOutput } from './response-output.js';

/**
 * The handling of a message, of a microservice or a WebSocket: there is no
 * status, and its end is that of what the handler returns.
 */
export class MessageHandling extends RequestScope implements Handling {
  private readonly output = new ResponseOutput();

  next(value: unknown): void {
    this.output.add(value);
  }

  failed(error: unknown): void {
    const { observation } = this;
    if (observation) recordFailure(observation, error);
    this.end();
  }

  completed(): void {
    this.end();
  }

  stopped(): void {
    this.observation?.update({
      level: 'WARNING',
      statusMessage: 'the client left before the end',
    });
    this.end();
  }

  private end(): void {
    this.observation?.update({ output: this.output.value() }).end();
  }
}
