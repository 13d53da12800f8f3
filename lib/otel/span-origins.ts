import type { Attributes } from '@opentelemetry/api';
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
export interface SpanOriginsDependencies {
  readonly clock: Clock;
  readonly wireAttributes: (given: Attributes | undefined) => WireAttributes;
}

/**
 * Says who made a span: the process (resource) and the library (scope), each
 * encoded once, since they are few and their spans are many.
 */
export class SpanOrigins {
  private readonly resources = new WeakMap<SdkResource, Uint8Array>();
  private readonly scopes = new WeakMap<SdkScope, Uint8Array>();
  private readonly detections = new WeakMap<SdkResource, Promise<void>>();
  /** Resources that were waited for, whatever came of it. */
  private readonly awaited = new WeakSet<SdkResource>();

  constructor(private readonly dependencies: SpanOriginsDependencies) {}

  /** A promise while the SDK still finds out about the process. */
  of({
    resource,
    instrumentationScope,
  }: SdkSpan): BatchFrame | Promise<BatchFrame> {
    const frame = (): BatchFrame => ({
      resource: this.resourceBytes(resource),
      scope: this.scopeBytes(instrumentationScope),
    });
    if (!resource.asyncAttributesPending || this.awaited.has(resource)) {
      return frame();
    }
    return this.detection(resource).then(frame);
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

  private resourceBytes(resource: SdkResource): Uint8Array {
    const known = this.resources.get(resource);
    if (known) return known;
    const { wireAttributes } = this.dependencies;
    const bytes = encodeResource(wireAttributes(resource.attributes));
    if (!resource.asyncAttributesPending) this.resources.set(resource, bytes);
    return bytes;
  }

  private scopeBytes(scope: SdkScope): Uint8Array {
    let bytes = this.scopes.get(scope);
    if (bytes === undefined) {
      const { name, version } = scope;
      const attributes = this.dependencies.wireAttributes(scope.attributes);
      bytes = encodeScope({ name, version, attributes });
      this.scopes.set(scope, bytes);
    }
    return bytes;
  }
}
