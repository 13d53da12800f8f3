import type { LangfuseRuntime } from './langfuse.runtime.js';
import { LangfuseSpanProcessor } from './langfuse.span-processor.js';
import {
  type LangfuseModuleOptions,
  LangfuseOptionsError,
  type OptionName,
  optionNames,
  type ResolvedOptions,
} from './options/index.js';

/** What a module with a processor says itself: it is about requests and its start. */
const OPTIONS_OF_THE_MODULE: ReadonlySet<OptionName> = new Set([
  'spanProcessor',
  'requestAttributes',
  'ignoreRoutes',
  'baggageHosts',
  'trustIncomingBaggage',
  'metrics',
  'verifyOnBoot',
]);

/**
 * The runtime of a module that was given a span processor: the processor's
 * recorder and queue, with the module's own options about requests and its start.
 *
 * @param given as the application passed them, checked
 * @throws LangfuseOptionsError when the processor is none of this package, or
 * for options that are the processor's
 */
export function adoptSpanProcessor(
  given: LangfuseModuleOptions,
  options: ResolvedOptions,
): LangfuseRuntime {
  const { spanProcessor } = options;
  if (!(spanProcessor instanceof LangfuseSpanProcessor)) {
    throw new LangfuseOptionsError([NOT_OURS]);
  }
  const [first, ...others] = optionNames
    .filter((name) => !OPTIONS_OF_THE_MODULE.has(name))
    .filter((name) => given[name] !== undefined)
    .map((option) => ({ option, message: messageFor(option) }));
  if (first) throw new LangfuseOptionsError([first, ...others]);
  return spanProcessor.adopt(options);
}

function messageFor(option: OptionName): string {
  return option === 'registerGlobally'
    ? 'it is given besides spanProcessor; leave it out: the OpenTelemetry SDK ' +
        'that has the processor is the one that is registered.'
    : 'it is given besides spanProcessor; pass it to LangfuseSpanProcessor.';
}

const NOT_OURS = {
  option: 'spanProcessor',
  message:
    'the value is not a LangfuseSpanProcessor of nestjs-langfuse; import the ' +
    "class from 'nestjs-langfuse' (the one of @langfuse/otel has a queue of " +
    'its own), and from the same copy of it (npm ls nestjs-langfuse).',
};
