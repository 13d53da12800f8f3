import { ConsoleLogger, Injectable } from '@nestjs/common';
import { LangfuseService } from '../../lib/index.js';

@Injectable()
export class TracedLogger extends ConsoleLogger {
  constructor(private readonly langfuse: LangfuseService) {
    super({ json: true });
  }

  protected override getJsonLogObject(
    ...line: Parameters<ConsoleLogger['getJsonLogObject']>
  ) {
    return {
      ...super.getJsonLogObject(...line),
      traceId: this.langfuse.getActiveTraceId(),
      observationId: this.langfuse.getActiveObservationId(),
    };
  }
}
