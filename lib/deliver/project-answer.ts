/** What a server says of the keys: whose they are. */
import type { Outcome } from './outcome.js';

/** The answer to the question which project the keys belong to. */
export type ProjectAnswer =
  | {
      readonly kind: 'project';
      readonly id: string;
      /** As it is called in Langfuse. */
      readonly name: string | undefined;
    }
  /** The server does not know these keys. */
  | { readonly kind: 'unknown-keys' }
  /** There was no answer to that question. */
  | { readonly kind: 'failed'; readonly cause: string }
  /** It was given up because of a shutdown. */
  | { readonly kind: 'aborted' };

/** Reads the answer of `GET /api/public/projects`. */
export function readProject(outcome: Outcome): ProjectAnswer {
  switch (outcome.kind) {
    case 'ok':
      return projectIn(outcome.answer.body);
    case 'aborted':
      return outcome;
    case 'config':
      if (outcome.status === 401) return { kind: 'unknown-keys' };
  }
  return { kind: 'failed', cause: outcome.cause };
}

function projectIn(body: Buffer): ProjectAnswer {
  const project = firstProject(body);
  if (typeof project?.id !== 'string') {
    const cause = 'it names no project: check that baseUrl is of Langfuse';
    return { kind: 'failed', cause };
  }
  const { id, name } = project;
  return {
    kind: 'project',
    id,
    name: typeof name === 'string' ? name : undefined,
  };
}

function firstProject(
  body: Buffer,
): { readonly id?: unknown; readonly name?: unknown } | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    return (answer as { data?: { id?: unknown }[] } | null)?.data?.[0];
  } catch {
    return undefined;
  }
}
