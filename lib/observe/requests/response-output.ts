import { Chunks } from '../results/chunks.js';
import { isStreamedBody } from './streamed-body.js';

/**
 * What a handler answers where all of it is sent: one value as it is, several as
 * one output (text is joined, others are listed up to a cap).
 */
export class ResponseOutput {
  private first: { readonly value: unknown } | undefined;
  private chunks: Chunks | undefined;

  add(value: unknown): void {
    if (!this.first) {
      this.first = { value };
      return;
    }
    if (!this.chunks) {
      this.chunks = new Chunks(false);
      this.chunks.add(this.first.value);
    }
    this.chunks.add(value);
  }

  /** Undefined when there was nothing, or what is no value. */
  value(): unknown {
    return this.chunks ? this.chunks.output() : outputOf(this.first?.value);
  }
}

/** One answer as an output; undefined for what is sent bit by bit. */
export function outputOf(value: unknown): unknown {
  return isStreamedBody(value) ? undefined : value;
}
