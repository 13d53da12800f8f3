/** Messages without headers carry their trace in a field of the payload. */
import { CARRIER_FIELD } from '../propagation/index.js';

/** What `langfuse.carrier()` gave, in the field `langfuse` of a payload. */
export function carrierIn(data: unknown): object | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const carrier: unknown = Reflect.get(data, CARRIER_FIELD);
  return typeof carrier === 'object' && carrier !== null ? carrier : undefined;
}

/** The payload as it was meant. */
export function withoutCarrier(data: unknown): unknown {
  if (carrierIn(data) === undefined || Array.isArray(data)) return data;
  const { [CARRIER_FIELD]: _carrier, ...others } = data as Readonly<
    Record<string, unknown>
  >;
  return others;
}
