/**
 * Stands for a client of a model that records through OpenTelemetry, and takes a
 * tracer, as the Vercel AI SDK does. No model is called: it repeats a line.
 */
import { SpanKind, trace, type Tracer } from '@opentelemetry/api';

export class ChatClient {
  private readonly tracer: Tracer;

  constructor({ tracer }: { readonly tracer?: Tracer } = {}) {
    this.tracer = tracer ?? trace.getTracer('chat-client');
  }

  async complete(prompt: string): Promise<string> {
    const span = this.tracer.startSpan('chat echo', {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'last line (no LLM)',
      },
    });
    await Promise.resolve();
    span.end();
    return prompt.split('\n').at(-1) ?? '';
  }
}
