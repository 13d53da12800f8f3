// Takes one sample through its life: as its README says, and against receivers
// of ours, where it is asked once more and ended in the midst of its work.
import { deepEqual } from 'node:assert/strict';
import { startLangfuseLocal } from 'nestjs-langfuse/local';
import { SampleProcess } from './sample-process.mjs';
import { expectedTrees, printedTrees, receivedTrees } from './trees.mjs';

const QUIET = { PORT: '0', npm_config_loglevel: 'error' };

const PROGRAM = ['node', 'dist/main.js'];

/** What a sample that listens prints: its address, and the end of its tour. */
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;
const TOUR_ENDED = /Ctrl-C/;

/**
 * What a file `NN.mjs` exports as `sample`.
 *
 * @typedef {object} Sample
 * @property {Record<string, string[]>} tour By the prefix of its variables
 *   (`LANGFUSE`), each project's traces of the tour; see `trees.mjs`.
 * @property {(visit: Visit) => Promise<void>} [visit] Asks the sample that runs,
 *   which gets SIGTERM as soon as this resolves and has to deliver what it has
 *   recorded. Left out where a sample does not listen.
 * @property {Record<string, string[]>} [visited] The traces of the visit.
 * @property {(receivers: Record<string, Receiver>) => void} [check] Throws where
 *   tour and visit did not arrive as they should.
 * @property {(url: string) => Promise<string | undefined>} [look] Looks at what
 *   the sample shows without keys; @returns why it could not.
 * @property {() => Promise<Prepared>} [prepare] What the sample needs around it.
 *
 * @typedef {import('nestjs-langfuse/local').LangfuseLocalServer} Receiver
 * @typedef {{ url: string, receivers: Record<string, Receiver> }} Visit
 * @typedef {{ skipped: string }
 *   | { env: Record<string, string>, close?: () => Promise<void> }} Prepared
 */

/**
 * @param {Sample} sample
 * @returns {Promise<{ said: string, skipped: string | undefined }>} what went
 *   well, in a line, and why a part was left out
 */
export async function checkSample(sample, folder, env) {
  const printed = await takeTour(sample, folder, env);
  const arrived = await visitSample(sample, folder, env);
  const said = `${printed} traces printed, ${arrived} arrived`;
  return { said, skipped: await lookAtSample(sample, folder, env) };
}

/** The one command of the README, without keys. */
async function takeTour({ tour }, folder, env) {
  const command = ['npm', 'start', '--', '--once'];
  const running = new SampleProcess(command, folder, { ...QUIET, ...env });
  await running.end();
  const printed = printedTrees(running.output);
  deepEqual(printed, expectedTrees(Object.values(tour).flat()));
  return printed.length;
}

/** With keys; only the sample's own flushes and its end send anything. */
async function visitSample(sample, folder, env) {
  const { tour, visit, visited = {}, check } = sample;
  const receivers = await startReceivers(Object.keys(tour));
  const command = visit ? PROGRAM : [...PROGRAM, '--once'];
  const running = new SampleProcess(command, folder, {
    ...QUIET,
    ...env,
    ...keysOf(receivers),
    LANGFUSE_FLUSH_INTERVAL: '600',
  });
  try {
    if (visit) {
      await visit({ url: await listening(running), receivers });
      await running.end('SIGTERM');
    } else {
      await running.end();
    }
    let count = 0;
    for (const [project, receiver] of Object.entries(receivers)) {
      const expected = [...tour[project], ...(visited[project] ?? [])];
      deepEqual(receivedTrees(receiver), expectedTrees(expected));
      count += expected.length;
    }
    check?.(receivers);
    return count;
  } finally {
    running.kill();
    await Promise.all(Object.values(receivers).map((each) => each.close()));
  }
}

/** Without keys, as the one who tries the sample sees it. */
async function lookAtSample({ look }, folder, env) {
  if (!look) return undefined;
  const running = new SampleProcess(PROGRAM, folder, { ...QUIET, ...env });
  try {
    const skipped = await look(await listening(running));
    await running.end('SIGTERM');
    return skipped;
  } finally {
    running.kill();
  }
}

/** @returns the address of a sample whose tour has ended */
async function listening(running) {
  const [url] = await running.printed(ADDRESS);
  await running.printed(TOUR_ENDED);
  return url;
}

async function startReceivers(projects) {
  const started = projects.map(async (project) => [
    project,
    await startLangfuseLocal(),
  ]);
  return Object.fromEntries(await Promise.all(started));
}

function keysOf(receivers) {
  return Object.fromEntries(
    Object.entries(receivers).flatMap(([prefix, receiver]) => [
      [`${prefix}_BASE_URL`, receiver.url],
      [`${prefix}_PUBLIC_KEY`, receiver.publicKey],
      [`${prefix}_SECRET_KEY`, receiver.secretKey],
    ]),
  );
}
