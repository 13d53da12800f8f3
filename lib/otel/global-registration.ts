/** What becomes a global of OpenTelemetry, and stops being one. */
import {
  context,
  createContextKey,
  propagation,
  ProxyTracerProvider,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { AsyncContextManager } from './async-context-manager.js';
import { hasContextManager } from './context-manager-in-use.js';
import { W3cPropagator } from './w3c-propagator.js';

const OURS = createContextKey('nestjs-langfuse manager');

/**
 * Makes `provider` the global one, with a context manager and a propagator where
 * there are none.
 *
 * @returns what takes back as much of it as is still there; undefined when there
 * is another provider, and nothing was changed
 */
export function registerAsGlobal(
  provider: TracerProvider,
): (() => void) | undefined {
  if (!trace.setGlobalTracerProvider(provider)) return undefined;
  const undo = [() => removeProvider(provider)];
  if (!hasContextManager()) {
    const manager = new AsyncContextManager();
    context.setGlobalContextManager(manager);
    undo.push(() => removeManager(manager));
  }
  if (propagation.fields().length === 0) {
    const propagator = new W3cPropagator();
    propagation.setGlobalPropagator(propagator);
    undo.push(() => removePropagator(propagator));
  }
  return () => undo.forEach((step) => step());
}

function removeProvider(provider: TracerProvider): void {
  const current = trace.getTracerProvider();
  const isOurs =
    current instanceof ProxyTracerProvider &&
    current.getDelegate() === provider;
  if (isOurs) trace.disable();
}

function removeManager(manager: AsyncContextManager): void {
  const isOurs = manager.with(manager.active().setValue(OURS, true), () =>
    Boolean(context.active().getValue(OURS)),
  );
  if (isOurs) context.disable();
}

function removePropagator(propagator: W3cPropagator): void {
  if (propagation.fields() === propagator.fields()) propagation.disable();
}
