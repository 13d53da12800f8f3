/**
 * Stands for a client of a model that records through OpenTelemetry's globals,
 * and takes no tracer. No model is called: the vector is made of letters.
 */
import { Injectable } from '@nestjs/common';
import { SpanKind, trace } from '@opentelemetry/api';

@Injectable()
export class EmbeddingClient {
  private readonly tracer = trace.getTracer('embedding-client');

  async embed(text: string): Promise<number[]> {
    const span = this.tracer.startSpan('embeddings letters', {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.request.model': 'letters (no model)',
      },
    });
    await Promise.resolve();
    span.end();
    return ['a', 'e', 'i', 'o', 'u'].map(
      (letter) => text.split(letter).length - 1,
    );
  }
}
