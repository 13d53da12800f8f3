/**
 * Puts hostile values into every field of observations and scores, each between
 * two known ones, and looks for the known ones in what was sent.
 */
import { toUSVString } from 'node:util';
import type {
  GenerationAttributes,
  LangfuseObservation,
  LangfuseService,
  Score,
} from '../../lib/index.js';
import { LangfuseAttribute } from '../../lib/wire/index.js';
import type { Collected, SentScore } from './collecting-service.js';
import type { Make } from './hostile-values.js';
import { attributesOf, type OtlpSpan } from './otlp.js';

/** A hostile value and the key that it is put under. */
export type Entry = readonly [key: string, make: Make];

const KNOWN = { id: 7, text: 'known "é😀"', list: [1.5, null, true] };
const KNOWN_JSON = JSON.stringify(KNOWN);
const KNOWN_COUNTS = { before: 1, after: 2 };

const METADATA = `${LangfuseAttribute.observationMetadata}.`;

/** Fields that take the value itself. */
const BARE_FIELDS = {
  statusMessage: LangfuseAttribute.observationStatusMessage,
  version: LangfuseAttribute.version,
  model: LangfuseAttribute.model,
} as const;

const SCORE_FIELDS = [
  'id',
  'name',
  'value',
  'dataType',
  'traceId',
  'observationId',
  'sessionId',
  'datasetRunId',
  'comment',
  'configId',
  'environment',
];

/** How many values one {@link recordHostile} call takes. */
export const VALUES_PER_OBSERVATION = 24;

/** An observation and a score that were recorded, to be checked when sent. */
export interface Recorded {
  readonly observation: LangfuseObservation<'generation'>;
  readonly bare: Readonly<Record<keyof typeof BARE_FIELDS, unknown>>;
  readonly scoreId: string | undefined;
}

/** Records a generation and a score of {@link VALUES_PER_OBSERVATION} values. */
export function recordHostile(
  langfuse: LangfuseService,
  entries: readonly Entry[],
  number: number,
): Recorded {
  let used = 0;
  const take = () => entries[used++]!;
  const value = () => take()[1]();
  const bare = { statusMessage: value(), version: value(), model: value() };
  const attributes = {
    ...bare,
    level: value(),
    completionStartTime: value(),
    prompt: value(),
    input: objectOf([take(), take(), take(), take()]),
    output: [KNOWN, value(), KNOWN, value(), KNOWN, value(), KNOWN],
    metadata: objectOf([take(), take(), take(), take()]),
    modelParameters: objectOf([take(), take()]),
    usageDetails: countsOf(take()),
    costDetails: countsOf(take()),
  };
  const observation = langfuse.startObservation<'generation'>(
    value() as string,
    attributes as GenerationAttributes,
    { asType: 'generation' },
  );
  observation.end();
  const metadata = objectOf([take()]);
  const bad = value();
  // Most of what is no text is refused in these fields: others arrive, too.
  const field =
    number % 2 === 0
      ? SCORE_FIELDS[(number / 2) % SCORE_FIELDS.length]!
      : 'extra';
  const score = {
    name: 'known',
    value: 1,
    traceId: observation.traceId,
    metadata,
    [field]: bad,
  };
  const scoreId = langfuse.createScore(score as Score);
  if (used !== VALUES_PER_OBSERVATION) throw new Error(`${used} values used`);
  return { observation, bare, scoreId };
}

/** What is wrong with what was sent; nothing when the list is empty. */
export function problemsOf(
  recorded: readonly Recorded[],
  { spans, scores }: Collected,
): readonly string[] {
  const problems: string[] = [];
  const spansById = new Map(spans.map((span) => [span.spanId, span]));
  const scoresById = new Map(scores.map((score) => [score.body['id'], score]));
  if (spans.length !== recorded.length) {
    problems.push(`${spans.length} spans instead of ${recorded.length}`);
  }
  for (const [index, { observation, bare, scoreId }] of recorded.entries()) {
    const report = (problem: string) =>
      problems.push(`observation ${index}: ${problem}`);
    try {
      checkSpan(spansById.get(observation.id), bare, report);
      if (scoreId !== undefined) {
        checkScore(scoresById.get(toUSVString(scoreId)), report);
      }
    } catch (error) {
      report(String(error));
    }
  }
  return problems;
}

function checkSpan(
  span: OtlpSpan | undefined,
  bare: Recorded['bare'],
  report: (problem: string) => void,
): void {
  if (span === undefined) return void report('not sent');
  const attributes = attributesOf(span.attributes);
  const parsed = (key: string) => JSON.parse(String(attributes[key])) as never;
  const input = parsed(LangfuseAttribute.observationInput);
  const output: unknown[] = parsed(LangfuseAttribute.observationOutput);
  const parameters = parsed(LangfuseAttribute.modelParameters);
  if (!holdsKnown(input, 5)) report('input lost a neighbour');
  if (!holdsKnown(parameters, 3)) report('modelParameters lost a neighbour');
  const known = output.filter((_, index) => index % 2 === 0);
  if (output.length !== 7 || !known.every(isKnown)) {
    report('output lost a neighbour');
  }
  for (const index of [0, 1, 2, 3, 4]) {
    if (attributes[`${METADATA}known ${index}`] !== KNOWN_JSON) {
      report(`metadata lost neighbour ${index}`);
    }
  }
  for (const field of ['usageDetails', 'costDetails'] as const) {
    const { before, after } = parsed(LangfuseAttribute[field]);
    if (before !== KNOWN_COUNTS.before || after !== KNOWN_COUNTS.after) {
      report(`${field} lost a neighbour`);
    }
  }
  for (const [field, key] of Object.entries(BARE_FIELDS)) {
    const given = bare[field as keyof typeof BARE_FIELDS];
    const sent = attributes[key];
    if (typeof given === 'string') {
      if (sent !== toUSVString(given)) report(`${field} is not as given`);
    } else if (sent !== undefined) JSON.parse(String(sent));
  }
}

function checkScore(
  score: SentScore | undefined,
  report: (problem: string) => void,
): void {
  if (score === undefined) return void report('score not sent');
  const { metadata, name, value } = score.body;
  if (!holdsKnown(metadata, 2)) report('score metadata lost a neighbour');
  if (typeof name !== 'string' || value === undefined || value === null) {
    report('score without name or value');
  }
}

/** `known 0`, a hostile one, `known 1`, …, `known n`. */
function objectOf(entries: readonly Entry[]): object {
  const fields: [string, unknown][] = [['known 0', KNOWN]];
  for (const [index, [key, make]] of entries.entries()) {
    fields.push([key, make()], [`known ${index + 1}`, KNOWN]);
  }
  return Object.fromEntries(fields);
}

function countsOf([key, make]: Entry): object {
  const { before, after } = KNOWN_COUNTS;
  return Object.fromEntries([
    ['before', before],
    [key, make()],
    ['after', after],
  ]);
}

function holdsKnown(fields: unknown, count: number): boolean {
  const object = fields as Readonly<Record<string, unknown>>;
  for (let index = 0; index < count; index++) {
    if (!isKnown(object[`known ${index}`])) return false;
  }
  return true;
}

function isKnown(value: unknown): boolean {
  return JSON.stringify(value) === KNOWN_JSON;
}
