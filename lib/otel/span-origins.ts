import type { Attributes } from '@opentelemetry/api';
import type { MaskedAttributes, SpanIntake } from '../observe/index.js';
import type { Clock } from '../queue/index.js';
import {
  type BatchFrame,
  encodeResource,
  encodeScope,
  type WireAttributes,
} from '../wire/index.js';
import type { SdkResource, SdkScope, SdkSpan } from './sdk-span.js';

/**
 * Detectors that ask the network have given up by then. One that never answers
 * must not cost the spans: a shutdown waits no longer than 5 seconds.
 */
const MAX_RESOURCE_WAIT_MS = 2_000;

/** What origins are made with. */
export interface SpanOriginsDependencies extends Pick<SpanIntake, 'masked'> {
  readonly clock: Clock;
  readonly wireAttributes: (given: Attributes | undefined) => WireAttributes;
}

/** A part of an origin: a promise while a detector or the mask is waited for. */
type Part = Uint8Array | Promise<Uint8Array>;

/**
 * Says who made a span: the process (resource) and the library (scope), each
 * encoded once, since they are few and their spans are many. Attributes are
 * masked; name and version of a scope, which no data comes into, are not: by
 * them the server knows libraries.
 */
export class SpanOrigins {
  private readonly parts = new WeakMap<SdkResource | SdkScope, Part>();
  private readonly detections = new WeakMap<SdkResource, Promise<void>>();
  /** Resources that were waited for, whatever came of it. */
  private readonly awaited = new WeakSet<SdkResource>();

  constructor(private readonly dependencies: SpanOriginsDependencies) {}

  /** A promise while the SDK still finds out about the process. */
  of({
    resource: ofProcess,
    instrumentationScope,
  }: SdkSpan): BatchFrame | Promise<BatchFrame> {
    const resource = this.resource(ofProcess);
    const scope = this.scope(instrumentationScope);
    return resource instanceof Promise || scope instanceof Promise
      ? Promise.all([resource, scope]).then(([bytes, scopeBytes]) => ({
          resource: bytes,
          scope: scopeBytes,
        }))
      : { resource, scope };
  }

  /** Resolves when all is known, or too late. */
  private detection(resource: SdkResource): Promise<void> {
    let detection = this.detections.get(resource);
    if (detection === undefined) {
      detection = this.detect(resource);
      this.detections.set(resource, detection);
    }
    return detection;
  }

  private async detect(resource: SdkResource): Promise<void> {
    let give: () => void = () => undefined;
    const tooLate = new Promise<void>((resolve) => (give = resolve));
    const timer = this.dependencies.clock.after(MAX_RESOURCE_WAIT_MS, give);
    try {
      await Promise.race([resource.waitForAsyncAttributes?.(), tooLate]);
    } catch {
      // What is known by now is sent.
    }
    timer.cancel();
    this.awaited.add(resource);
  }

  private resource(resource: SdkResource): Part {
    const encode = () =>
      this.part(resource, encodeResource, !resource.asyncAttributesPending);
    return resource.asyncAttributesPending && !this.awaited.has(resource)
      ? this.detection(resource).then(encode)
      : encode();
  }

  private scope(scope: SdkScope): Part {
    const { name, version } = scope;
    return this.part(
      scope,
      (attributes) => encodeScope({ name, version, attributes }),
      true,
    );
  }

  /** @param isFinal whether its attributes stay as they are */
  private part(
    of: SdkResource | SdkScope,
    encode: (attributes: WireAttributes) => Uint8Array,
    isFinal: boolean,
  ): Part {
    const known = this.parts.get(of);
    if (known) return known;
    const { wireAttributes, masked } = this.dependencies;
    const take = ({ attributes, isComplete }: MaskedAttributes) => {
      const bytes = encode(attributes);
      if (isFinal && isComplete) this.parts.set(of, bytes);
      else this.parts.delete(of);
      return bytes;
    };
    const answer = masked(wireAttributes(of.attributes));
    if (!(answer instanceof Promise)) return take(answer);
    const part = answer.then(take);
    this.parts.set(of, part);
    return part;
  }
}
