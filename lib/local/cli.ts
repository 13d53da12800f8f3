#!/usr/bin/env node
/** `nestjs-langfuse local`: the receiver in a terminal. */
import { parseCliArguments, USAGE } from './cli-arguments.js';
import { isObject } from './json.js';
import type { LangfuseLocalServer } from './langfuse-local-server.js';
import type { LocalRequest } from './records.js';
import { startLangfuseLocal } from './start-langfuse-local.js';
import { styled } from './terminal-text.js';
import { renderScore, renderTrace, type RenderOptions } from './trace-tree.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function fail(message: string, exitCode: number): void {
  process.stderr.write(`nestjs-langfuse: ${message}\n`);
  process.exitCode = exitCode;
}

/** Colours only on a terminal that was not told to go without. */
function renderOptions(): RenderOptions {
  const { isTTY, columns } = process.stdout;
  // Some terminals report no columns at all.
  return { color: isTTY && !process.env.NO_COLOR, width: columns || undefined };
}

async function runLocal(port: number): Promise<void> {
  let local: LangfuseLocalServer;
  try {
    local = await startLangfuseLocal({
      port,
      onTrace: (trace) => print(`\n${renderTrace(trace, renderOptions())}`),
    });
  } catch (error) {
    fail(listenError(error, port), EXIT_FAILED);
    return;
  }
  local.on('score', (score) => print(renderScore(score, renderOptions())));
  local.on('request', (request) => {
    if (request.note !== undefined) {
      print(styled(problem(request), 'error', renderOptions().color === true));
    }
  });
  const stop = (): void => {
    void local.close().then(() => print(`\n${totals(local)}`));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  print(welcome(local));
}

function welcome({ url, publicKey, secretKey }: LangfuseLocalServer): string {
  return `Langfuse receiver at ${url}, for this machine only. Give your application:

  LANGFUSE_BASE_URL=${url}
  LANGFUSE_PUBLIC_KEY=${publicKey}
  LANGFUSE_SECRET_KEY=${secretKey}

Traces are printed as they come and kept in memory. Ctrl-C ends.`;
}

function problem({ method, path, status, note }: LocalRequest): string {
  return `✗ ${method} ${path} ${status}: ${note}`;
}

function totals(local: LangfuseLocalServer): string {
  const stats = local.stats();
  const rootless = local.traces().filter(({ root }) => root === undefined);
  const received = [
    counted(stats.traces, 'trace'),
    counted(stats.observations, 'observation'),
    counted(stats.scores, 'score'),
  ].join(', ');
  const troubles = [
    [rootless.length, 'trace', 'not printed: the root never came'],
    [stats.duplicates, 'observation', 'delivered twice'],
    [stats.lostScores, 'score', 'that the server would not store'],
    [stats.poisonedRequests, 'request', 'that the server would lose'],
    [stats.evictedTraces, 'trace', 'dropped to save memory'],
  ] as const;
  return [
    `Received ${received} in ${counted(stats.requests, 'request')}.`,
    ...troubles
      .filter(([count]) => count > 0)
      .map(([count, noun, what]) => `  ${counted(count, noun)} ${what}`),
  ].join('\n');
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

function listenError(error: unknown, port: number): string {
  return isObject(error) && error.code === 'EADDRINUSE'
    ? `port ${port} is taken; stop what listens there, or choose another with --port`
    : `cannot listen on port ${port}: ${String(error)}`;
}

const command = parseCliArguments(process.argv.slice(2));
switch (command.kind) {
  case 'help':
    print(USAGE.trimEnd());
    break;
  case 'wrong':
    fail(`${command.message} (--help tells more)`, EXIT_USAGE);
    break;
  case 'local':
    await runLocal(command.port);
    break;
}
