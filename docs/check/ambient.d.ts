// What blocks of code may name without saying where it comes from: the things of
// the application around them.
import type { INestApplication, Type } from '@nestjs/common';
import type {
  LangfuseObservation,
  LangfuseQueue,
  LangfuseService,
} from 'nestjs-langfuse';

declare global {
  const langfuse: LangfuseService;
  const queue: LangfuseQueue;
  const app: INestApplication;
  const parent: LangfuseObservation;
  const question: string;

  const AppModule: Type;
  class ChatService {
    answer(question: string): Promise<string>;
  }
  const chat: ChatService;
  function complete(question: string): Promise<string>;

  /** `Queue` of `bullmq`. */
  const jobs: { add(name: string, data: object): Promise<unknown> };

  /** `ClientProxy` of `@nestjs/microservices`. */
  const client: import('@nestjs/microservices').ClientProxy;

  /** `HttpService` of `@nestjs/axios`. */
  const httpService: import('@nestjs/axios').HttpService;
}
