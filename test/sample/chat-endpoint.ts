/** A tiny OpenAI-compatible endpoint. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What the endpoint was asked. */
export interface ChatRequest {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly model: string;
    readonly temperature: number;
    readonly messages: readonly {
      readonly role: string;
      readonly content: string;
    }[];
  };
}

/** What the endpoint answers. */
export interface ChatReply {
  readonly status: number;
  readonly body: unknown;
}

export class ChatEndpoint {
  readonly requests: ChatRequest[] = [];

  private constructor(private readonly server: Server) {}

  static async start(reply: ChatReply): Promise<ChatEndpoint> {
    const server = createServer();
    const endpoint = new ChatEndpoint(server);
    server.on('request', async (request, response) => {
      const body = (await json(request)) as ChatRequest['body'];
      const { url: path, headers } = request;
      endpoint.requests.push({ path, headers, body });
      response.writeHead(reply.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(reply.body));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return endpoint;
  }

  /** For `OPENAI_BASE_URL`. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/v1`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
