// What a stream has given so far, as one output.
import { truncatedMark } from '../capture/index.js';

/** Of chunks that are no text so many are shown. */
const MAX_SHOWN = 1_000;
/** With a `reduce` of the application, which needs what there is. */
const MAX_REDUCED = 10_000;
/** UTF-16 units of joined text. */
const MAX_CHARACTERS = 1_048_576;

/**
 * Collects the chunks of one stream within bounds: text is joined, bytes that
 * are UTF-8 are text, of other bytes the number is kept, everything else
 * becomes a list.
 */
export class Chunks {
  /** How many there were, kept or not. */
  count = 0;

  private text = '';
  private characters = 0;
  private bytes = 0;
  private decoder: TextDecoder | undefined;
  /** The chunks themselves, where text does not stand for all of them. */
  private list: unknown[] | undefined;
  private kind: 'text' | 'bytes' | 'binary' | 'list' = 'text';

  /** @param isReduced - Whether the chunks themselves are needed. */
  constructor(private readonly isReduced: boolean) {
    if (isReduced) this.list = [];
  }

  add(chunk: unknown): void {
    this.count += 1;
    if (this.isReduced) this.keep(chunk, MAX_REDUCED);
    else if (this.kind === 'list') this.keep(chunk, MAX_SHOWN);
    else if (typeof chunk === 'string') this.addText(chunk);
    else if (chunk instanceof Uint8Array) this.addBytes(chunk);
    else this.addOther(chunk);
  }

  /** The chunks for `reduce`. */
  get all(): readonly unknown[] {
    return this.list ?? [];
  }

  /** `first 10000 of 20000`; undefined where nothing is missing in `all`. */
  get missing(): string | undefined {
    const kept = this.all.length;
    return kept < this.count ? `first ${kept} of ${this.count}` : undefined;
  }

  /** Undefined when there were none. */
  output(): unknown {
    if (this.count === 0) return undefined;
    switch (this.kind) {
      case 'text':
      case 'bytes':
        return this.shownText();
      case 'binary':
        return { bytes: this.bytes };
      case 'list': {
        const { missing } = this;
        const mark = missing === undefined ? [] : [truncatedMark(missing)];
        return [...this.all, ...mark];
      }
    }
  }

  private addText(chunk: string): void {
    this.characters += chunk.length;
    const room = MAX_CHARACTERS - this.text.length;
    if (room > 0) {
      this.text += chunk.length <= room ? chunk : chunk.slice(0, room);
    }
  }

  /** Decoded at once: the owner of the bytes may use them again. */
  private addBytes(chunk: Uint8Array): void {
    this.bytes += chunk.byteLength;
    if (this.kind === 'binary') return;
    this.kind = 'bytes';
    try {
      this.decoder ??= new TextDecoder('utf-8', { fatal: true });
      this.addText(this.decoder.decode(chunk, { stream: true }));
    } catch {
      this.kind = 'binary';
      this.text = '';
    }
  }

  private addOther(chunk: unknown): void {
    this.list = [];
    if (this.text !== '') this.list.push(this.shownText());
    if (this.kind === 'binary') this.list.push({ bytes: this.bytes });
    this.kind = 'list';
    // What was joined is one entry now, and counts as one.
    this.count = this.list.length + 1;
    this.keep(chunk, MAX_SHOWN);
  }

  private keep(chunk: unknown, limit: number): void {
    if (this.list !== undefined && this.list.length < limit) {
      this.list.push(chunk);
    }
  }

  private shownText(): string {
    if (this.characters <= MAX_CHARACTERS) return this.text;
    const mark = `${MAX_CHARACTERS} of ${this.characters} characters`;
    return `${this.text}… ${truncatedMark(mark)}`;
  }
}
