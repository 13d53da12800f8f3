/**
 * A trace on its way to another process, as texts: the names are those of the
 * HTTP headers of W3C Trace Context and W3C Baggage, so that OpenTelemetry's
 * propagators read it, too. Empty where nothing is recorded.
 *
 * @see https://www.w3.org/TR/trace-context/
 * @see https://www.w3.org/TR/baggage/
 * @publicApi
 */
export type TraceCarrier = Readonly<
  Partial<Record<'traceparent' | 'tracestate' | 'baggage', string>>
>;

/** Under this name a carrier stands in the payload of a message. */
export const CARRIER_FIELD = 'langfuse';

/**
 * Reads a field of whatever carries one: Node's headers, `Headers`, the headers
 * of a Kafka, RabbitMQ or NATS message, gRPC's metadata, a plain object.
 */
export function readField(
  carrier: unknown,
  name: keyof TraceCarrier,
): string | undefined {
  if (typeof carrier !== 'object' || carrier === null) return undefined;
  try {
    const { get } = carrier as { get?: unknown };
    const value: unknown =
      typeof get === 'function'
        ? Reflect.apply(get, carrier, [name])
        : Reflect.get(carrier, name);
    return textOf(value);
  } catch {
    // Somebody's object; without the field the trace begins here.
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (!Array.isArray(value)) return undefined;
  const texts = value.map(textOf).filter((text) => text !== undefined);
  return texts.length > 0 ? texts.join(',') : undefined;
}
