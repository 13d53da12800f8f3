/** What `nestjs-langfuse …` was asked to do. */
import { parseArgs } from 'node:util';

export const USAGE = `Usage: nestjs-langfuse local [--port 3030]
       nestjs-langfuse spool ls|replay DIR (spool --help tells more)

local runs a Langfuse-compatible receiver on this machine and prints each trace as a
tree. No account is needed and nothing leaves the machine.

  -p, --port <number>  port on 127.0.0.1, 0 for a free one (default 3030)
  -h, --help           this text
`;

/** A command, or the line that says what is wrong with the arguments. */
export type CliCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'local'; readonly port: number }
  | { readonly kind: 'wrong'; readonly message: string };

const DEFAULT_PORT = '3030';
const MAX_PORT = 65_535;

/** @param args - Without the node binary and the script. */
export function parseCliArguments(args: readonly string[]): CliCommand {
  const parsed = parseFlags(args);
  if ('message' in parsed) {
    return { kind: 'wrong', message: parsed.message };
  }
  const { values, positionals } = parsed;
  if (values.help) {
    return { kind: 'help' };
  }
  const [command, ...rest] = positionals;
  if (command !== 'local' || rest.length > 0) {
    return {
      kind: 'wrong',
      message:
        command === undefined
          ? 'name a command: nestjs-langfuse local'
          : `unknown command "${positionals.join(' ')}": the commands are local and spool`,
    };
  }
  const port = Number(values.port);
  return /^\d+$/.test(values.port) && port <= MAX_PORT
    ? { kind: 'local', port }
    : {
        kind: 'wrong',
        message: `--port must be a whole number from 0 to ${MAX_PORT}, got "${values.port}"`,
      };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: 'string', short: 'p', default: DEFAULT_PORT },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return { message: firstSentence(error) };
  }
}

/** Node adds advice about `--` that does not help here. */
function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('. ')[0] ?? message;
}
