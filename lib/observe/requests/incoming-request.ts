/** A request as it comes in, whatever transport carries it. */
export interface IncomingRequest {
  /** `GET /users/:id`, `message sum`, `event paid`, `ws chat`, `query book`. */
  readonly name: string;
  /** What `ignoreRoutes` is compared with. */
  readonly routes: readonly string[];
  readonly input: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Where the sender may have put its trace: headers, metadata, a payload. */
  readonly carrier: unknown;
}

/** Follows the handling of a request, from its first value to its end. */
export interface Handling {
  next(value: unknown): void;
  failed(error: unknown): void;
  completed(): void;
  /** Whoever asked wants no more, before it was complete. */
  stopped(): void;
}
