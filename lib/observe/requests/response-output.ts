import { Chunks } from '../results/chunks.js';
import { isStreamedBody } from './streamed-body.js';

/**
 * What a handler answers: one value as it is, several as one output (text is
 * joined, others are listed up to a cap).
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
    if (this.chunks) return this.chunks.output();
    const value = this.first?.value;
    return isStreamedBody(value) ? undefined : value;
  }
}
