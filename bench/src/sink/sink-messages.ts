/** What the sink's process is told, and what it tells. */

/** How requests are answered. */
export type SinkMode =
  | { readonly answers: 'success'; readonly delayMs: number }
  | { readonly answers: 'error'; readonly status: number }
  | { readonly answers: 'never' };

export type ToSink =
  | { readonly say: 'mode'; readonly mode: SinkMode }
  | { readonly say: 'report' };

/** What arrived since the start, of all requests that were answered well. */
export interface SinkReport {
  /** All, whatever they were answered. */
  readonly requests: number;
  /** Of bodies. */
  readonly bytes: number;
  readonly delivered: number;
  readonly duplicates: number;
}

export type FromSink =
  | { readonly say: 'listening'; readonly port: number }
  | { readonly say: 'mode' }
  | { readonly say: 'report'; readonly report: SinkReport };
