#!/usr/bin/env node
/** `nestjs-langfuse …`: hands each command to the room that it belongs to. */
import { runSpoolCommand } from './spool/index.js';

const [command, ...args] = process.argv.slice(2);
if (command === 'spool') {
  const { exitCode, output = '', error } = runSpoolCommand(args);
  process.stdout.write(output);
  if (error !== undefined) process.stderr.write(`nestjs-langfuse: ${error}\n`);
  process.exitCode = exitCode;
} else {
  // A script of its own, which reads the arguments itself.
  await import('./local/cli.js');
}
