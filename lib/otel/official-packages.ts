/**
 * Where `@langfuse/tracing` looks for the provider that it records with: a slot
 * on `globalThis`, shared by all its copies, ESM and CommonJS. The slot is made
 * here when that package is not loaded yet, so that it need not be loaded.
 *
 * @see https://github.com/langfuse/langfuse-js/blob/main/packages/tracing/src/tracerProvider.ts
 */
import type { TracerProvider } from '@opentelemetry/api';

const SLOT = Symbol.for('langfuse');

interface Slot {
  isolatedTracerProvider: TracerProvider | null;
}

/**
 * Has the official packages record with `provider`, unless the application has
 * chosen one itself or another one in this process was first.
 *
 * @param onUse called once, when one of them is about to record
 * @returns what takes it back
 */
export function offerToOfficialPackages(
  provider: TracerProvider,
  onUse: () => void,
): () => void {
  const slot = slotOf(globalThis);
  if (slot.isolatedTracerProvider) return () => undefined;
  const offered = noticing(provider, onUse);
  slot.isolatedTracerProvider = offered;
  return () => {
    if (slot.isolatedTracerProvider === offered) {
      slot.isolatedTracerProvider = null;
    }
  };
}

function noticing(provider: TracerProvider, onUse: () => void): TracerProvider {
  let isUsed = false;
  return {
    getTracer(name, version, options) {
      if (!isUsed) {
        isUsed = true;
        onUse();
      }
      return provider.getTracer(name, version, options);
    },
  };
}

function slotOf(holder: object): Slot {
  const found: unknown = Reflect.get(holder, SLOT);
  if (found) return found as Slot;
  const value: Slot = { isolatedTracerProvider: null };
  Object.defineProperty(holder, SLOT, { value });
  return value;
}
