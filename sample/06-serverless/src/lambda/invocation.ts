/** What Lambda and a function's process tell each other. */
import type {
  APIGatewayProxyStructuredResultV2,
  Context,
  LambdaFunctionURLEvent,
} from 'aws-lambda';

export interface Invocation {
  readonly event: LambdaFunctionURLEvent;
  readonly awsRequestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export type Outcome =
  | { readonly result: APIGatewayProxyStructuredResultV2 }
  | { readonly error: string };

/** With as much of the context as is played here. */
export type FunctionHandler = (
  event: LambdaFunctionURLEvent,
  context: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>,
) => Promise<APIGatewayProxyStructuredResultV2>;
