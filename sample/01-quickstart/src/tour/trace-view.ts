/** How the traces of this run are shown to the person who started it. */
export interface TraceView {
  /** Where they are, in a line. */
  readonly where: string;

  /** Shows what has been sent; `traceId` is the last question's. */
  show(traceId: string | undefined): Promise<void>;

  /** Shows from now on what arrives by itself, where that is possible. */
  follow(): void;

  /** Nothing is sent any more. */
  close(): void;
}
