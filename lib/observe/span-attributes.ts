import type { WireAttributes, WireAttributeValue } from '../wire/index.js';

/** From here on a search through the keys costs more than an index. */
const MAX_SEARCHED = 32;

/**
 * The attributes of a span in the order in which they were first set. A span
 * has about a dozen, for which two lists take half the time and memory of a
 * `Map`, which is made three times on the way to a dozen; of one that has many
 * the keys are indexed.
 */
export class SpanAttributes implements WireAttributes {
  private readonly names: string[] = [];
  private readonly given: WireAttributeValue[] = [];
  private places: Map<string, number> | undefined;

  get size(): number {
    return this.names.length;
  }

  get(key: string): WireAttributeValue | undefined {
    return this.given[this.placeOf(key)];
  }

  has(key: string): boolean {
    return this.placeOf(key) >= 0;
  }

  /** Returns the value that was there before. */
  set(key: string, value: WireAttributeValue): WireAttributeValue | undefined {
    const place = this.placeOf(key);
    if (place >= 0) {
      const before = this.given[place];
      this.given[place] = value;
      return before;
    }
    this.places?.set(key, this.names.length);
    this.names.push(key);
    this.given.push(value);
    if (this.names.length === MAX_SEARCHED) this.index();
    return undefined;
  }

  forEach(
    callback: (
      value: WireAttributeValue,
      key: string,
      attributes: WireAttributes,
    ) => void,
  ): void {
    const { names, given } = this;
    for (let place = 0; place < names.length; place++) {
      callback(given[place]!, names[place]!, this);
    }
  }

  keys(): MapIterator<string> {
    return this.names.values();
  }

  values(): MapIterator<WireAttributeValue> {
    return this.given.values();
  }

  *entries(): MapIterator<[string, WireAttributeValue]> {
    for (let place = 0; place < this.names.length; place++) {
      yield [this.names[place]!, this.given[place]!];
    }
  }

  [Symbol.iterator](): MapIterator<[string, WireAttributeValue]> {
    return this.entries();
  }

  private placeOf(key: string): number {
    const { names, places } = this;
    if (places !== undefined) return places.get(key) ?? -1;
    for (let place = 0; place < names.length; place++) {
      if (names[place] === key) return place;
    }
    return -1;
  }

  private index(): void {
    this.places = new Map(this.names.map((name, place) => [name, place]));
  }
}
