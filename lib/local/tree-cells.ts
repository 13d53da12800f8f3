/** What a row of the tree says about an observation or a score. */
import type { LocalObservation, LocalScore, LocalTrace } from './records.js';
import { printable, truncated, type TextStyle } from './terminal-text.js';
import type { TreeNode } from './tree-rows.js';

/** A piece of text and what it means. */
export interface Text {
  readonly text: string;
  readonly style?: TextStyle;
}

/** The columns of a row. */
export interface TreeCells {
  readonly name: Text;
  readonly type: string;
  /** A duration or a score's value. */
  readonly amount: string;
  /** By importance: what went wrong comes first. */
  readonly details: readonly Text[];
}

const MAX_VALUE_WIDTH = 24;
const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;

export function nodeCells(node: TreeNode): TreeCells {
  return node.kind === 'score'
    ? scoreCells(node.score)
    : observationCells(node);
}

export function scoreCells(score: LocalScore): TreeCells {
  const comment = printable(score.comment ?? '');
  return {
    name: { text: `★ ${printable(score.name)}`, style: 'score' },
    type: score.dataType,
    amount: truncated(printable(String(score.value)), MAX_VALUE_WIDTH),
    details: comment === '' ? [] : [{ text: `“${comment}”` }],
  };
}

/** Who and what the trace as a whole belongs to. */
export function traceDetails({
  userId,
  sessionId,
  tags,
}: LocalTrace): readonly Text[] {
  return [
    ...(userId === null ? [] : [faint(`user ${printable(userId)}`)]),
    ...(sessionId === null ? [] : [faint(`session ${printable(sessionId)}`)]),
    ...tags.map((tag) => faint(`#${printable(tag)}`)),
  ];
}

function observationCells({
  observation,
  remark,
}: Extract<TreeNode, { kind: 'observation' }>): TreeCells {
  return {
    name: { text: printable(observation.name) || '(no name)', style: 'strong' },
    type: observation.type,
    amount: duration(observation),
    details: [
      ...outcome(observation),
      ...generation(observation),
      ...remarks(observation, remark),
    ],
  };
}

function outcome({ level, statusMessage }: LocalObservation): Text[] {
  const message = printable(statusMessage ?? '');
  switch (level) {
    case 'DEFAULT':
      return message === '' ? [] : [{ text: message }];
    case 'DEBUG':
      return [faint(`DEBUG ${message}`.trim())];
    case 'WARNING':
      return [{ text: `WARNING ${message}`.trim(), style: 'warning' }];
    case 'ERROR':
      return [{ text: `ERROR ${message}`.trim(), style: 'error' }];
  }
}

function generation({
  providedModelName,
  usageDetails,
  costDetails,
}: LocalObservation): Text[] {
  const tokens = tokenText(usageDetails);
  const costs = Object.values(costDetails);
  return [
    ...(providedModelName === null
      ? []
      : [{ text: printable(providedModelName) }]),
    ...(tokens === undefined ? [] : [{ text: tokens }]),
    ...(costs.length === 0
      ? []
      : [{ text: dollars(costDetails.total ?? sum(costs)) }]),
  ];
}

function remarks(
  { parentObservationId }: LocalObservation,
  remark: Extract<TreeNode, { kind: 'observation' }>['remark'],
): Text[] {
  switch (remark) {
    case undefined:
      return [];
    case 'orphan':
      return [faint(`parent ${parentObservationId} is not here`)];
    case 'circular':
      return [{ text: 'is its own ancestor', style: 'warning' }];
    case 'duplicate':
      return [{ text: 'delivered twice', style: 'warning' }];
  }
}

function faint(text: string): Text {
  return { text, style: 'faint' };
}

/** Cached, audio and other kinds count with the side that they belong to. */
function tokenText(
  usage: Readonly<Record<string, number>>,
): string | undefined {
  const side = (name: string): number =>
    sum(
      Object.entries(usage)
        .filter(([kind]) => kind.startsWith(name))
        .map(([, count]) => count),
    );
  const input = side('input');
  const output = side('output');
  if (input + output > 0) {
    return `${grouped(input)}→${grouped(output)} tokens`;
  }
  return usage.total === undefined
    ? undefined
    : `${grouped(usage.total)} tokens`;
}

/** Cents, or three digits of what is less than a dollar. */
function dollars(amount: number): string {
  const digits =
    amount >= 1
      ? { minimumFractionDigits: 2, maximumFractionDigits: 2 }
      : { maximumSignificantDigits: 3 };
  return `$${amount.toLocaleString('en-US', digits)}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function duration({ type, startTime, endTime }: LocalObservation): string {
  const ms = Date.parse(endTime) - Date.parse(startTime);
  if (type === 'EVENT' && ms === 0) {
    return '';
  }
  if (ms < MS_PER_SECOND) {
    return `${ms} ms`;
  }
  if (ms < MS_PER_MINUTE) {
    return `${(ms / MS_PER_SECOND).toFixed(2)} s`;
  }
  const seconds = Math.round(ms / MS_PER_SECOND);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
