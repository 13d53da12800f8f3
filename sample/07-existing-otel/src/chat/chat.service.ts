/** Answers questions out of the database. */
import { Injectable } from '@nestjs/common';
import { LangfuseService, Trace } from 'nestjs-langfuse';
import { ChatClient } from '../vendor/chat-client.js';
import { Database } from '../vendor/database.js';
import { EmbeddingClient } from '../vendor/embedding-client.js';

@Injectable()
export class ChatService {
  private readonly client: ChatClient;

  constructor(
    private readonly database: Database,
    private readonly embeddings: EmbeddingClient,
    langfuse: LangfuseService,
  ) {
    // Its spans are below the active observation. It would have recorded through
    // the SDK, as the other client does, which takes no tracer.
    this.client = new ChatClient({ tracer: langfuse.getTracer('chat-client') });
  }

  @Trace()
  async answer(question: string): Promise<string> {
    await this.embeddings.embed(question);
    const articles = await this.database.query('SELECT articles');
    return this.client.complete(`${question}\n\n${articles.join('\n')}`);
  }
}
