import { LangfuseAttribute, type WireAttributeValue } from '../wire/index.js';
import { messageOf } from './message-of.js';
import {
  PROMPT_RULE,
  promptLink,
  type PromptReference,
} from './prompt-link.js';

/** The longest value that Langfuse takes for an attribute of a trace. */
const MAX_LENGTH = 200;
/** They are on every span of the trace. */
const MAX_ENTRIES = 128;
const MAX_ENVIRONMENT_LENGTH = 40;
const ENVIRONMENT = /^(?!langfuse)[a-z0-9_-]+$/;

/** Those that may be any text. */
const TEXTS = [
  ['userId', LangfuseAttribute.userId],
  ['sessionId', LangfuseAttribute.sessionId],
  ['traceName', LangfuseAttribute.traceName],
  ['version', LangfuseAttribute.version],
] as const;

/**
 * What `propagateAttributes()` puts on the active observation and on all that
 * start within its callback. Every text has at most 200 characters;
 * what is not is left out, with a warning that names it.
 *
 * @see https://langfuse.com/docs/observability/features/attributes
 * @publicApi
 */
export interface PropagatedAttributes {
  /** Who uses the application; Langfuse groups traces and costs by it. */
  readonly userId?: string;
  /** The conversation that the trace belongs to; in US-ASCII. */
  readonly sessionId?: string;
  /** Name of the trace; without one it is the name of its root observation. */
  readonly traceName?: string;
  /** Words to filter traces by; at most 128. */
  readonly tags?: readonly string[];
  /** Metadata of the trace; each key can be filtered by. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Version of the application, of a prompt chain, of anything you compare. */
  readonly version?: string;
  /** Lower-case letters, digits, `-` and `_`; at most 40 characters. */
  readonly environment?: string;
  /**
   * The Langfuse prompt that generations are linked to, unless they name their
   * own. Open observations around the active one do not take it.
   */
  readonly prompt?: PromptReference;
}

/** Attributes that are fit to be sent, and what is wrong with the others. */
export interface CheckedAttributes {
  readonly values: ReadonlyMap<string, WireAttributeValue>;
  readonly problems: readonly string[];
}

/**
 * Checks propagated attributes against the rules that Langfuse documents. Never
 * throws, whatever an untyped caller gives.
 */
export function checkPropagated(
  given: PropagatedAttributes | null | undefined,
): CheckedAttributes {
  try {
    return check(given);
  } catch (error) {
    // Only attributes that are themselves a trap (a Proxy, a getter) come here.
    const problem = `attributes threw: ${messageOf(error)}`;
    return { values: new Map(), problems: [problem] };
  }
}

function check(
  given: PropagatedAttributes | null | undefined,
): CheckedAttributes {
  const attributes = given ?? {};
  const read = (name: keyof PropagatedAttributes): unknown => {
    try {
      return attributes[name];
    } catch (error) {
      problems.push(`${name} threw: ${messageOf(error)}`);
      return undefined;
    }
  };
  const values = new Map<string, WireAttributeValue>();
  const problems: string[] = [];
  const isFit = (name: string, value: unknown): value is string => {
    if (value === undefined || value === null) return false;
    const problem = problemOf(value);
    if (problem === undefined) return value !== '';
    problems.push(`${name} ${problem}`);
    return false;
  };
  for (const [name, key] of TEXTS) {
    const value = read(name);
    if (isFit(name, value)) values.set(key, value);
  }
  const environment = read('environment');
  if (isFit('environment', environment)) {
    if (isEnvironment(environment)) {
      values.set(LangfuseAttribute.environment, environment);
    } else {
      problems.push(
        `environment ${JSON.stringify(environment)} is not made of at most ` +
          `${MAX_ENVIRONMENT_LENGTH} of a-z, 0-9, - and _, or begins with "langfuse"`,
      );
    }
  }
  const tags = listOf(read('tags')).filter((tag) => isFit('tags', tag));
  if (tags.length > 0) values.set(LangfuseAttribute.traceTags, tags);
  const metadata = entriesOf(read('metadata'));
  if (metadata === undefined) problems.push('metadata is not an object');
  for (const [key, value] of metadata ?? []) {
    if (isFit(`metadata.${key}`, value)) {
      values.set(`${LangfuseAttribute.traceMetadata}.${key}`, value);
    }
  }
  const prompt = promptLink(read('prompt'));
  if (prompt !== undefined && 'refused' in prompt) {
    problems.push(`prompt ${PROMPT_RULE}`);
  } else if (isFit('prompt.name', prompt?.name)) {
    values.set(LangfuseAttribute.promptName, prompt.name);
    values.set(LangfuseAttribute.promptVersion, prompt.version);
  }
  return { values, problems };
}

function isEnvironment(value: string): boolean {
  return value.length <= MAX_ENVIRONMENT_LENGTH && ENVIRONMENT.test(value);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  try {
    return Array.isArray(value)
      ? Array.prototype.slice.call(value, 0, MAX_ENTRIES)
      : [value];
  } catch {
    // A Proxy that lets nobody look is no text either.
    return [value];
  }
}

/** Undefined for what is given and has no keys of its own. */
function entriesOf(
  value: unknown,
): Iterable<readonly [string, unknown]> | undefined {
  if (value === undefined || value === null) return [];
  try {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined;
    return Object.keys(value)
      .slice(0, MAX_ENTRIES)
      .map((key) => [key, valueOf(value, key)]);
  } catch {
    return undefined;
  }
}

/** A symbol, which is refused, when a getter throws. */
function valueOf(fields: object, key: string): unknown {
  try {
    return Reflect.get(fields, key);
  } catch {
    return Symbol('threw an error');
  }
}

function problemOf(value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return `is of type ${typeof value}, not a string`;
  }
  return value.length > MAX_LENGTH
    ? `has ${value.length} characters, more than ${MAX_LENGTH}`
    : undefined;
}
