/** Stands for a driver that OpenTelemetry instruments, such as `pg`. */
import { Injectable } from '@nestjs/common';
import { SpanKind, trace } from '@opentelemetry/api';

const ROWS = ['Spans have parents.', 'A trace has an id that all can share.'];

@Injectable()
export class Database {
  private readonly tracer = trace.getTracer('database');

  async query(name: string): Promise<readonly string[]> {
    const span = this.tracer.startSpan(name, {
      kind: SpanKind.CLIENT,
      attributes: { 'db.system.name': 'postgresql' },
    });
    await Promise.resolve();
    span.end();
    return ROWS;
  }
}
