/** What is told about the result of a call, from its first sign to its end. */
export interface ResultObserver {
  /** Whether there is an observation yet; a cold result has none until it is read. */
  readonly hasBegun: boolean;
  /** Starts the observation of a cold result; nothing happens later. */
  begin(): void;
  /** Runs a part of the producer, with the observation active. */
  run<T>(fn: () => T): T;
  /** What runs a part of the reader, who is where this is called. */
  outside(): <T>(fn: () => T) => T;
  /** A chunk of a stream is handed to its reader. */
  chunk(value: unknown): void;
  /** The result is a value, and all of it is there. */
  returned(value: unknown): void;
  /** A stream has come to its own end; generators give a value with it. */
  completed(returnValue?: unknown): void;
  threw(error: unknown): void;
  /** The reader wants no more of a stream. */
  stopped(): void;
  /** The result has begun nothing and is nobody's to look into. */
  handedOver(): void;
  /** The result can no longer be read: nobody holds it. */
  abandoned(): void;
  /** The observer of one more reading of a cold result. */
  another(): ResultObserver;
}
