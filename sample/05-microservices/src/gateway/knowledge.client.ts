/** Asks the other service, and sends the trace along. */
import { Inject, Injectable } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { LangfuseService, Trace } from 'nestjs-langfuse';
import { firstValueFrom } from 'rxjs';

export const KNOWLEDGE = Symbol('KNOWLEDGE');

export interface Article {
  readonly title: string;
  readonly text: string;
}

@Injectable()
export class KnowledgeClient {
  constructor(
    @Inject(KNOWLEDGE) private readonly service: ClientProxy,
    private readonly langfuse: LangfuseService,
  ) {}

  /** An error of the service is on both sides of the wire. */
  @Trace({ name: 'ask knowledge' })
  find(question: string): Promise<Article> {
    const message = this.traced({ question });
    return firstValueFrom(this.service.send<Article>('find', message));
  }

  /** Nobody waits: its observation may begin after the request has ended. */
  used({ title }: Article): void {
    this.service.emit('used', this.traced({ title }));
  }

  /** TCP has no headers, so the trace is a field of the payload. */
  private traced<T extends object>(payload: T) {
    return { ...payload, langfuse: this.langfuse.carrier() };
  }
}
