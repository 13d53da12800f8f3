/** What an invocation does: a Lambda handler out of a Nest application. */
import type { INestApplicationContext } from '@nestjs/common';
import type {
  APIGatewayProxyStructuredResultV2,
  Context,
  LambdaFunctionURLEvent,
} from 'aws-lambda';
import { LangfuseService } from 'nestjs-langfuse';
import { ChatService } from './chat/chat.service.js';

export function createChatHandler(app: INestApplicationContext) {
  const chat = app.get(ChatService);
  const langfuse = app.get(LangfuseService);
  return async (
    event: LambdaFunctionURLEvent,
    { awsRequestId }: Context,
  ): Promise<APIGatewayProxyStructuredResultV2> => {
    const question = questionIn(event.body);
    if (question === undefined) return reply(400, { message: 'no question' });
    // So that a trace is found by what CloudWatch calls its invocation.
    const answer = await langfuse.propagateAttributes(
      { metadata: { awsRequestId } },
      () => chat.answer(question),
    );
    return reply(200, { answer });
  };
}

function questionIn(body = ''): string | undefined {
  try {
    const { question } = JSON.parse(body) as { readonly question?: unknown };
    return typeof question === 'string' ? question : undefined;
  } catch {
    return undefined;
  }
}

function reply(statusCode: number, body: object) {
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
