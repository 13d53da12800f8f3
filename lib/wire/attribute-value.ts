import type { JsonParts } from './json-parts.js';

/**
 * What an attribute on the wire can be. Null, undefined and objects are
 * unsayable here: the server accepts a request that holds an attribute without
 * a value and then loses the whole request in its worker. An empty list is
 * left out when it is encoded.
 */
export type WireAttributeValue =
  | string
  | JsonParts
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly boolean[];

/** Attributes in the order in which they were first set. */
export type WireAttributes = ReadonlyMap<string, WireAttributeValue>;
