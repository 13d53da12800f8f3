import { describeType } from './describe-value.js';
import { accept, refuse } from './option-row.js';
import type { OptionRow } from './option-row.js';

/**
 * A span processor as far as it can be told here; which one it is, the module
 * sees.
 */
export interface GivenSpanProcessor {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

const EXPECTS = 'a LangfuseSpanProcessor of nestjs-langfuse';
const METHODS = ['forceFlush', 'shutdown'] as const;

/** The option `spanProcessor`. */
export function spanProcessor(): OptionRow<GivenSpanProcessor, undefined> {
  return {
    env: [],
    default: undefined,
    example: {
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
    expects: EXPECTS,
    parse: (given) => given,
    check: (value) =>
      isSpanProcessor(value)
        ? accept(value)
        : refuse(
            `${describeType(value)} is not ${EXPECTS}`,
            'pass the one that the OpenTelemetry SDK was given',
          ),
  };
}

function isSpanProcessor(value: unknown): value is GivenSpanProcessor {
  return (
    typeof value === 'object' &&
    value !== null &&
    METHODS.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
