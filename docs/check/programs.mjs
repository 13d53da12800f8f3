// Runs the blocks that are marked `program`, each against a receiver of its own, and
// compares what they print and send with what the page shows after them: a block
// `text output`, a block `text traces`, or both. One that is marked `server` goes on
// until it is stopped: it is asked what the page's block `bash request` asks, and its
// trace is the page's block `text tree`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { renderTrace, startLangfuseLocal } from '../../dist/local/index.js';
import { expectedTrees, receivedTrees } from '../../test/samples/trees.mjs';

const TIMEOUT_MS = 60_000;
const ASKED_AGAIN_AFTER_MS = 100;

/** What Nest writes before the level of a line: name, process, time. */
const NEST_PREFIX =
  /^\[Nest\] \d+ +- .*?(?=(?:LOG|WARN|ERROR|DEBUG|FATAL) \[)/gm;

/** Of Nest's own lines those of level LOG are not about traces. */
const NEST_OWN_LINE = /^LOG \[(?!LangfuseModule).*\n/gm;

/** The programs of a page, each with what is expected of it. */
export function programsOf(page, units) {
  return units
    .filter(({ source, block }) => {
      return source === page.path && block.words.includes('program');
    })
    .map(({ path, block }) => {
      const after = page.blocks.slice(page.blocks.indexOf(block) + 1);
      const end = after.findIndex(({ language }) => language !== 'text');
      const shown = end < 0 ? after : after.slice(0, end);
      const textOf = (word) =>
        shown.find(({ words }) => words.includes(word))?.text;
      return {
        path: path.replace(/\.ts$/, '.js'),
        line: block.line,
        output: textOf('output') ?? '',
        traces: textOf('traces'),
        server: block.words.includes('server')
          ? { request: marked(page, 'request'), tree: marked(page, 'tree') }
          : undefined,
      };
    });
}

function marked(page, word) {
  const block = page.blocks.find(({ words }) => words.includes(word));
  if (!block) throw new Error(`${page.path} has no block "${word}"`);
  return block.text;
}

/** @returns what differs from what the page shows */
export async function problemsOfProgram(program) {
  const { path, line, output, traces, server } = program;
  const receiver = await startLangfuseLocal();
  try {
    if (server) return await problemsOfServer(program, receiver);
    const { exitCode, printed } = await run(path, receiver);
    const problems = [];
    if (exitCode !== 0) problems.push(`it ended with ${exitCode}:\n${printed}`);
    if (printed !== output) problems.push(`it printed\n${printed}`);
    if (traces !== undefined) {
      const received = receivedTrees(receiver).join('');
      if (received !== expectedTrees(singleTrees(traces)).join('')) {
        problems.push(`it sent\n${received}`);
      }
    }
    return problems.map((problem) => `line ${line}: ${problem}`);
  } finally {
    await receiver.close();
  }
}

async function problemsOfServer({ path, line, server }, receiver) {
  const port = await freePort();
  const url = /https?:\S+/.exec(server.request)[0].replace(/:\d+/, `:${port}`);
  const ended = new AbortController();
  const { exitCode, printed } = await run(path, receiver, {
    env: { PORT: port },
    async meanwhile(program) {
      program.once('exit', () => ended.abort());
      while (!ended.signal.aborted) {
        const answer = await fetch(url).catch(() => undefined);
        if (answer?.ok) break;
        await delay(ASKED_AGAIN_AFTER_MS);
      }
      program.kill('SIGTERM');
    },
  });
  const problems = [];
  if (exitCode !== 'SIGTERM') {
    problems.push(`line ${line}: it ended with ${exitCode}:\n${printed}`);
  }
  const drawn = receiver.traces().map((trace) => {
    const [, ...rows] = renderTrace(trace).split('\n');
    return rows.join('\n');
  });
  if (withoutTimes(drawn.join('\n')) !== withoutTimes(server.tree)) {
    problems.push(`its trace is\n${drawn.join('\n')}`);
  }
  return problems;
}

/** A duration is another one each time, and so is the width of its column. */
function withoutTimes(tree) {
  return tree
    .trim()
    .replaceAll(/ +\d+(?:\.\d+)? (?:ms|s)\b/g, ' …')
    .replaceAll(/ {2,}/g, '  ');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function singleTrees(text) {
  return text.split(/\n(?=\S)/).filter(Boolean);
}

/** Both streams go into one file, to keep the order of their lines. */
async function run(path, { url, publicKey, secretKey }, given = {}) {
  const log = `${path}.log`;
  const file = openSync(log, 'w');
  const program = spawn(process.execPath, [path], {
    stdio: ['ignore', file, file],
    timeout: TIMEOUT_MS,
    env: {
      PATH: process.env.PATH,
      NO_COLOR: '1',
      LANGFUSE_BASE_URL: url,
      LANGFUSE_PUBLIC_KEY: publicKey,
      LANGFUSE_SECRET_KEY: secretKey,
      BILLING_PUBLIC_KEY: publicKey,
      BILLING_SECRET_KEY: secretKey,
      ...given.env,
    },
  });
  const ended = new Promise((resolve, reject) => {
    program.once('error', reject);
    program.once('exit', (code, signal) => resolve(code ?? signal));
  });
  await given.meanwhile?.(program);
  const exitCode = await ended;
  closeSync(file);
  const printed = readFileSync(log, 'utf8')
    .replaceAll(NEST_PREFIX, '')
    .replaceAll(NEST_OWN_LINE, '');
  return { exitCode, printed };
}
