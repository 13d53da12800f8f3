// Runs the blocks that are marked `program`, each against a receiver of its own, and
// compares what they print and send with what the page shows after them: a block
// `text output`, a block `text traces`, or both.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { startLangfuseLocal } from '../../dist/local/index.js';
import { expectedTrees, receivedTrees } from '../../test/samples/trees.mjs';

const TIMEOUT_MS = 60_000;

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
      };
    });
}

/** @returns what differs from what the page shows */
export async function problemsOfProgram({ path, line, output, traces }) {
  const receiver = await startLangfuseLocal();
  try {
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

function singleTrees(text) {
  return text.split(/\n(?=\S)/).filter(Boolean);
}

/** Both streams go into one file, to keep the order of their lines. */
async function run(path, { url, publicKey, secretKey }) {
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
    },
  });
  const exitCode = await new Promise((resolve, reject) => {
    program.once('error', reject);
    program.once('exit', (code, signal) => resolve(code ?? signal));
  });
  closeSync(file);
  const printed = readFileSync(log, 'utf8')
    .replaceAll(NEST_PREFIX, '')
    .replaceAll(NEST_OWN_LINE, '');
  return { exitCode, printed };
}
