import type { SpanContext } from '@opentelemetry/api';
import { LangfuseAttribute, type WireAttributes } from '../../wire/index.js';
import { checkPropagated } from '../propagated-attributes.js';
import type { Scope } from '../active-scope.js';
import { parentOfScope, type Recorder } from '../recorder.js';
import { formatBaggage, parseBaggage } from './baggage.js';
import { leadsTo } from './baggage-hosts.js';
import { fromBaggage, toBaggage } from './langfuse-baggage.js';
import { readField, type TraceCarrier } from './trace-carrier.js';
import { formatTraceparent, parseTraceparent } from './traceparent.js';

/** What propagation works with. */
export interface PropagationSettings {
  readonly recorder: Recorder;
  /** Hosts that are sent user, session and the like; see `leadsTo`. */
  readonly baggageHosts: readonly string[];
  /** Whether the user, session and the like of a request are believed. */
  readonly trustIncomingBaggage: boolean;
}

const NO_CARRIER: TraceCarrier = {};

const NOTHING: WireAttributes = new Map();

/** Carries a trace from process to process. */
export class Propagation {
  private readonly recorder: Recorder;

  constructor(private readonly settings: PropagationSettings) {
    this.recorder = settings.recorder;
  }

  /** What is active, with all that its observations carry. */
  carrier(): TraceCarrier {
    const { scope } = this.recorder;
    const parent = parentOfScope(scope);
    if (!parent) return NO_CARRIER;
    const attributes = this.ownOf(scope.trace.beside(NOTHING));
    const baggage = formatBaggage(toBaggage(attributes));
    return {
      ...traceHeaders(parent),
      ...(baggage === '' ? {} : { baggage }),
    };
  }

  /** What a request to `url` is sent along. */
  headers(url?: string | URL): TraceCarrier {
    if (leadsTo(this.settings.baggageHosts, url)) return this.carrier();
    const parent = parentOfScope(this.recorder.scope);
    return parent ? traceHeaders(parent) : NO_CARRIER;
  }

  /** Runs `fn` below what is named by a carrier that the application made. */
  continueTrace<R>(carrier: unknown, fn: () => R): R {
    const { recorder } = this;
    if (!recorder.mayRecord) return fn();
    const scope = this.scopeOf(carrier, { isTrusted: true });
    return scope ? recorder.run(scope, fn) : fn();
  }

  /** Where a request comes from; undefined when it does not say. */
  incoming(carrier: unknown): Scope | undefined {
    const isTrusted = this.settings.trustIncomingBaggage;
    return this.scopeOf(carrier, { isTrusted });
  }

  private scopeOf(
    carrier: unknown,
    { isTrusted }: { readonly isTrusted: boolean },
  ): Scope | undefined {
    const remote = parseTraceparent(
      readField(carrier, 'traceparent'),
      readField(carrier, 'tracestate'),
    );
    const baggage = isTrusted ? readField(carrier, 'baggage') : undefined;
    if (!remote && baggage === undefined) return undefined;
    const { recorder } = this;
    const { scope, ownTrace } = recorder;
    const found: Scope = remote
      ? { span: undefined, remote, home: recorder, trace: ownTrace }
      : inForce(scope);
    if (baggage === undefined) return found;
    // Who sent it has warned of what is not fit; here it is left out.
    const { values } = checkPropagated(fromBaggage(parseBaggage(baggage)));
    return { ...found, trace: found.trace.with(values) };
  }

  /** Another service says its own environment, unless somebody set one here. */
  private ownOf(attributes: WireAttributes): WireAttributes {
    const { environment } = LangfuseAttribute;
    const own = this.recorder.atHome.ownTrace.beside(NOTHING).get(environment);
    if (own === undefined || attributes.get(environment) !== own) {
      return attributes;
    }
    return new Map([...attributes].filter(([key]) => key !== environment));
  }
}

/** As it is now; what is said of a scope may change. */
function inForce({ span, remote, home, trace }: Scope): Scope {
  return { span, remote, home, trace };
}

function traceHeaders(parent: SpanContext): TraceCarrier {
  const tracestate = parent.traceState?.serialize();
  return {
    traceparent: formatTraceparent(parent),
    ...(tracestate ? { tracestate } : {}),
  };
}
