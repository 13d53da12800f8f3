/** A `Response` whose body is still being made when the handler returns it. */

/** A response that has a body, which nobody reads yet. */
export type UnreadResponse = Response & {
  readonly body: NonNullable<Response['body']>;
};

export function isUnreadResponse<R>(result: R): result is R & UnreadResponse {
  return (
    result instanceof Response && result.body !== null && !result.body.locked
  );
}

/**
 * The same response, with `atEnd` called once its body has been read to its
 * end, has failed, or is cancelled. The body's last byte goes out before;
 * its end follows when what `atEnd` returns has resolved.
 */
export function withBodyEnd(
  response: UnreadResponse,
  atEnd: () => Promise<void> | undefined,
): Response {
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
        } catch (error) {
          await atEnd();
          return controller.error(error);
        }
        await atEnd();
        controller.close();
      },
      async cancel(reason) {
        try {
          await reader.cancel(reason);
        } finally {
          await atEnd();
        }
      },
    },
    // Nothing is read before somebody asks for it, as without this.
    { highWaterMark: 0 },
  );
  return new Response(body, response);
}
