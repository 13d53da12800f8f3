/**
 * The server's rules for scores, checked before a score is sent: some breaches
 * the server reports seconds later, others it answers with success and then
 * drops the score.
 *
 * @see https://langfuse.com/docs/evaluation/scores/data-model
 */
import { describeValue } from './describe-value.js';
import { SCORE_DATA_TYPES, type ScoreDataType } from './score-event.js';

/** A score as a caller, maybe an untyped one, gave it. Null is "not given". */
export interface ScoreInput {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly value?: unknown;
  readonly dataType?: unknown;
  readonly traceId?: unknown;
  readonly observationId?: unknown;
  readonly sessionId?: unknown;
  readonly datasetRunId?: unknown;
  readonly comment?: unknown;
  readonly configId?: unknown;
  readonly environment?: unknown;
  readonly queueId?: unknown;
}

/** Says in one sentence what is wrong; undefined when nothing is. */
type Rule = (score: ScoreInput) => string | undefined;

const MAX_ID_LENGTH = 800;
const MAX_TEXT_LENGTH = 500;

const SUBJECTS = ['traceId', 'sessionId', 'datasetRunId'] as const;
const ONE_SUBJECT = 'exactly one of traceId, sessionId and datasetRunId';
const OPTIONAL_TEXTS = [
  'comment',
  'configId',
  'environment',
  'queueId',
] as const;

const RULES: readonly Rule[] = [
  checkId,
  checkName,
  checkSubject,
  checkObservation,
  checkDataType,
  checkCorrection,
  checkOptionalTexts,
];

/**
 * Why the server would refuse or silently drop a score: a sentence that names
 * field, value and fix. Undefined when it would take it.
 *
 * What only the server knows, such as whether a config exists and allows the
 * value, is not checked.
 */
export function scoreProblem(score: ScoreInput): string | undefined {
  for (const rule of RULES) {
    const problem = rule(score);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * The data type that is sent: the one given, else what the value is. It is
 * always sent, for the server does not infer BOOLEAN, and later ones nothing.
 */
export function scoreDataType(
  value: number | string | boolean,
  dataType?: ScoreDataType,
): ScoreDataType {
  if (dataType) return dataType;
  switch (typeof value) {
    case 'number':
      return 'NUMERIC';
    case 'boolean':
      return 'BOOLEAN';
    default:
      return 'CATEGORICAL';
  }
}

function checkId({ id }: ScoreInput): string | undefined {
  if (!isGiven(id)) return undefined;
  const isValid =
    isText(id) && id.length <= MAX_ID_LENGTH && !id.includes('\r');
  return isValid
    ? undefined
    : `id: ${describeValue(id)} is not a text of 1 to ${MAX_ID_LENGTH} characters without "\\r"; leave it out to get a new id.`;
}

function checkName({ name }: ScoreInput): string | undefined {
  return isText(name)
    ? undefined
    : `name: ${describeValue(name)} is not a text; say what is scored, e.g. "helpfulness".`;
}

function checkSubject(score: ScoreInput): string | undefined {
  const given = SUBJECTS.filter((subject) => isGiven(score[subject]));
  const [subject] = given;
  if (subject === undefined) {
    return `traceId: not given; give ${ONE_SUBJECT}, so that the score has a subject.`;
  }
  if (given.length > 1) {
    return `${given.join(' and ')}: given together; give ${ONE_SUBJECT}.`;
  }
  return checkIdentifier(subject, score[subject]);
}

function checkObservation(score: ScoreInput): string | undefined {
  const { observationId, traceId } = score;
  if (!isGiven(observationId)) return undefined;
  return isGiven(traceId)
    ? checkIdentifier('observationId', observationId)
    : `observationId: ${describeValue(observationId)} is given without traceId; give the id of its trace too.`;
}

/** A data type that is not given follows from the value. */
function checkDataType({ dataType, value }: ScoreInput): string | undefined {
  if (!isGiven(dataType)) return checkInferredValue(value);
  const known = SCORE_DATA_TYPES.find((type) => type === dataType);
  return known === undefined
    ? `dataType: ${describeValue(dataType)} is not a data type; give one of ${SCORE_DATA_TYPES.join(', ')}, or leave it out.`
    : checkValue(known, value);
}

function checkInferredValue(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
      return checkValue(scoreDataType(value), value);
    default:
      return `value: ${describeValue(value)} is not a number, a text or a boolean; give one of these.`;
  }
}

function checkValue(
  dataType: ScoreDataType,
  value: unknown,
): string | undefined {
  const problem = (rule: string) =>
    `value: ${describeValue(value)} does not fit dataType ${dataType}; give ${rule}.`;
  switch (dataType) {
    case 'NUMERIC':
      return Number.isFinite(value) ? undefined : problem('a finite number');
    case 'BOOLEAN':
      return typeof value === 'boolean' || value === 0 || value === 1
        ? undefined
        : problem('true, false, 1 or 0');
    case 'TEXT':
      return isText(value) && value.length <= MAX_TEXT_LENGTH
        ? undefined
        : problem(
            `a text of 1 to ${MAX_TEXT_LENGTH} characters, and longer ones as comment`,
          );
    case 'CATEGORICAL':
    case 'CORRECTION':
      return typeof value === 'string' ? undefined : problem('a text');
  }
}

function checkCorrection(score: ScoreInput): string | undefined {
  if (score.dataType !== 'CORRECTION') return undefined;
  if (isGiven(score.configId)) {
    return `configId: ${describeValue(score.configId)} is given for dataType CORRECTION, which has no config; leave it out.`;
  }
  return isGiven(score.traceId)
    ? undefined
    : 'dataType: CORRECTION is only for traces and observations; give traceId as the subject.';
}

function checkOptionalTexts(score: ScoreInput): string | undefined {
  const field = OPTIONAL_TEXTS.find(
    (name) => isGiven(score[name]) && typeof score[name] !== 'string',
  );
  return field === undefined
    ? undefined
    : `${field}: ${describeValue(score[field])} is not a text; give a text or leave it out.`;
}

function checkIdentifier(field: string, value: unknown): string | undefined {
  return isText(value)
    ? undefined
    : `${field}: ${describeValue(value)} is not an id; give the id as a text.`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
