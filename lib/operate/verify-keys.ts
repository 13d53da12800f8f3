/** Whether the keys are right, said once when the application starts. */
import type { ProjectAnswer } from '../deliver/index.js';

/** A region of Langfuse Cloud. Each has accounts and keys of its own. */
export interface CloudRegion {
  readonly name: string;
  readonly baseUrl: string;
}

/** As on https://langfuse.com/security/data-regions */
export const CLOUD_REGIONS: readonly CloudRegion[] = [
  { name: 'EU', baseUrl: 'https://cloud.langfuse.com' },
  { name: 'US', baseUrl: 'https://us.cloud.langfuse.com' },
  { name: 'Japan', baseUrl: 'https://jp.cloud.langfuse.com' },
  { name: 'HIPAA', baseUrl: 'https://hipaa.cloud.langfuse.com' },
];

/** What {@link verifyKeys} needs. */
export interface KeyVerification {
  readonly baseUrl: string;
  /** Asks the server at `baseUrl`, or another one, whose keys these are. */
  readonly askProject: (otherUrl?: string) => Promise<ProjectAnswer>;
  readonly logger: {
    log(message: string): void;
    error(message: string): void;
  };
  readonly regions?: readonly CloudRegion[];
}

/**
 * Asks the server which project the keys belong to, and writes one line about
 * it. Where one region of Langfuse Cloud does not know the keys, the others are
 * asked, so that a wrong region is told from a wrong key. Never rejects.
 */
export async function verifyKeys(verification: KeyVerification): Promise<void> {
  const { logger } = verification;
  try {
    const { level, message } = (await verdictOf(verification)) ?? {};
    if (level && message) logger[level](message);
  } catch {
    // A logger that throws: there is nobody to tell.
  }
}

interface Verdict {
  readonly level: 'log' | 'error';
  readonly message: string;
}

/** Undefined when the application ends before there is one. */
async function verdictOf({
  baseUrl,
  askProject,
  regions = CLOUD_REGIONS,
}: KeyVerification): Promise<Verdict | undefined> {
  const answer = await askProject();
  switch (answer.kind) {
    case 'aborted':
      return undefined;
    case 'project': {
      const { id, name } = answer;
      const project = name === undefined ? id : `'${name}' (${id})`;
      const message = `The keys are right: Langfuse at ${baseUrl} takes them for the project ${project}.`;
      return { level: 'log', message };
    }
    case 'failed':
      return error(
        `Langfuse at ${baseUrl} did not say whether the keys are right: ${answer.cause}.`,
      );
    case 'unknown-keys':
      return regions.some((region) => region.baseUrl === baseUrl)
        ? inOtherRegions(baseUrl, askProject, regions)
        : error(
            `Langfuse at ${baseUrl} does not know the keys: check publicKey and ` +
              'secretKey, and whether baseUrl is the server that they were made on.',
          );
  }
}

async function inOtherRegions(
  baseUrl: string,
  askProject: KeyVerification['askProject'],
  regions: readonly CloudRegion[],
): Promise<Verdict | undefined> {
  const others = regions.filter((region) => region.baseUrl !== baseUrl);
  const answers = await Promise.all(
    others.map(async (region) => ({
      region,
      answer: await askProject(region.baseUrl),
    })),
  );
  if (answers.some(({ answer }) => answer.kind === 'aborted')) return undefined;
  const home = answers.find(({ answer }) => answer.kind === 'project')?.region;
  if (home) {
    return error(
      `Langfuse at ${baseUrl} does not know the keys: they are of the region ` +
        `${home.name}. Set baseUrl (LANGFUSE_BASE_URL) to ${home.baseUrl}.`,
    );
  }
  const silent = answers
    .filter(({ answer }) => answer.kind === 'failed')
    .map(({ region }) => region.name)
    .join(', ');
  return error(
    `Langfuse at ${baseUrl} does not know the keys, nor does another region ` +
      `of Langfuse Cloud${silent && ` (no answer from ${silent})`}: check ` +
      'publicKey and secretKey (LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY).',
  );
}

function error(message: string): Verdict {
  return { level: 'error', message };
}
