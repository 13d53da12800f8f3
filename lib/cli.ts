#!/usr/bin/env node
/** `nestjs-langfuse …`: hands each command to the room that it belongs to. */
import { type CommandResult, runSpoolCommand } from './spool/index.js';

const [command, ...args] = process.argv.slice(2);
if (command === 'spool') {
  const { exitCode, output = '', error } = await spool(args);
  process.stdout.write(output);
  if (error !== undefined) process.stderr.write(`nestjs-langfuse: ${error}\n`);
  process.exitCode = exitCode;
} else {
  // A script of its own, which reads the arguments itself.
  await import('./local/cli.js');
}

async function spool([
  name,
  ...rest
]: readonly string[]): Promise<CommandResult> {
  if (name !== 'replay') return runSpoolCommand(args);
  // Only this needs the packages of the application.
  const { replaySpool } = await import('./langfuse.spool-replay.js');
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  process.once('SIGTERM', () => interrupt.abort());
  const write = (line: string) => void process.stderr.write(`${line}\n`);
  return replaySpool(rest, {
    env: process.env,
    logger: { log: write, warn: write, error: write },
    signal: interrupt.signal,
  });
}
