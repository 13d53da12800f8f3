import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCliArguments } from '../../lib/local/cli-arguments.js';
import { startLangfuseLocal } from '../../lib/local/index.js';
import { buildCli, type BuiltCli, type CliProcess } from './cli-process.js';
import { exportOf, SPAN_ID, START_MS, TRACE_ID } from './export-request.js';
import { basic } from './local-client.js';

let cli: BuiltCli;
const started: CliProcess[] = [];

beforeAll(async () => {
  cli = await buildCli();
});

afterAll(async () => {
  for (const process of started) {
    process.kill('SIGKILL');
  }
  await cli.remove();
});

function run(args: readonly string[], env?: Record<string, string>) {
  const process = cli.run(args, env);
  started.push(process);
  return process;
}

async function post(
  url: string,
  path: string,
  contentType: string,
  body: BodyInit,
): Promise<number> {
  const { status } = await fetch(url + path, {
    method: 'POST',
    headers: { authorization: basic(), 'content-type': contentType },
    body,
  });
  return status;
}

function postSpans(url: string, body: Buffer): Promise<number> {
  return post(
    url,
    '/api/public/otel/v1/traces',
    'application/x-protobuf',
    new Uint8Array(body),
  );
}

describe('nestjs-langfuse local', () => {
  it('prints what to configure, then traces, scores and refusals, then totals', async () => {
    const local = run(['local', '--port', '0']);
    const [, url] = await local.printed(/LANGFUSE_BASE_URL=(\S+)/);
    await local.printed(/Ctrl-C ends/);
    expect(local.stdout).toBe(
      `
Langfuse receiver at ${url}, for this machine only. Give your application:

  LANGFUSE_BASE_URL=${url}
  LANGFUSE_PUBLIC_KEY=pk-lf-local
  LANGFUSE_SECRET_KEY=sk-lf-local

Traces are printed as they come and kept in memory. Ctrl-C ends.
`.trimStart(),
    );

    const span = {
      name: 'ask',
      startMs: START_MS,
      endMs: START_MS + 12,
      attributes: { 'user.id': 'u-1' },
    };
    expect(await postSpans(url!, exportOf([span]))).toBe(200);
    await local.printed(/^ask  SPAN  12 ms  user u-1$/m);

    const score = {
      id: 'e',
      type: 'score-create',
      timestamp: '2026-11-23T09:00:00Z',
      body: { id: 's', name: 'helpful', value: 1, traceId: TRACE_ID },
    };
    await post(
      url!,
      '/api/public/ingestion',
      'application/json',
      JSON.stringify({ batch: [score] }),
    );
    await local.printed(
      new RegExp(`^★ helpful {2}NUMERIC {2}1 {2}trace ${TRACE_ID}$`, 'm'),
    );

    expect(await postSpans(url!, exportOf([{ spanId: '' }]))).toBe(400);
    await local.printed(
      /^✗ POST \/api\/public\/otel\/v1\/traces 400: Invalid OTLP trace export: 1 of 1/m,
    );

    local.kill('SIGINT');
    expect(await local.exit()).toBe(0);
    expect(local.stdout).toMatch(
      /\nReceived 1 trace, 1 observation, 1 score in 3 requests\.\n$/,
    );
    expect(local.stderr).toBe('');
    // oxlint-disable-next-line no-control-regex
    expect(local.stdout).not.toMatch(/\u001B/);
  });

  it('prints what still waits when it is terminated, and what went wrong', async () => {
    const local = run(['local', '-p', '0']);
    const [, url] = await local.printed(/LANGFUSE_BASE_URL=(\S+)/);
    const body = exportOf([{ name: 'last words' }]);
    await postSpans(url!, body);
    await postSpans(url!, body);
    await postSpans(url!, exportOf([{ rawAttributes: [{ key: 'no.value' }] }]));
    await postSpans(
      url!,
      exportOf([{ traceId: 'f'.repeat(32), parentSpanId: SPAN_ID }]),
    );
    local.kill('SIGTERM');
    expect(await local.exit()).toBe(0);
    expect(local.stdout).toMatch(/^last words {2}SPAN/m);
    expect(local.stdout).toMatch(/^✗ POST .* 200: answered 200, but/m);
    expect(local.stdout).toMatch(
      /Received 2 traces, 3 observations, 0 scores in 4 requests\.\n {2}1 trace not printed: the root never came\n {2}1 observation delivered twice\n {2}1 request that the server would lose\n$/,
    );
  });

  it('exits with 1 and one line when the port is taken', async () => {
    const other = await startLangfuseLocal();
    const local = run(['local', '--port', String(other.port)]);
    expect(await local.exit()).toBe(1);
    expect(local.stderr).toBe(
      `nestjs-langfuse: port ${other.port} is taken; stop what listens there, or choose another with --port\n`,
    );
    expect(local.stdout).toBe('');
    await other.close();
  });

  it('exits with 0 and the usage for --help', async () => {
    for (const args of [['--help'], ['local', '-h']]) {
      const help = run(args);
      expect(await help.exit()).toBe(0);
      expect(help.stdout).toContain('Usage: nestjs-langfuse local');
      expect(help.stderr).toBe('');
    }
  });

  it('exits with 2 and one line for wrong arguments', async () => {
    const wrong = run(['local', '--prot', '1']);
    expect(await wrong.exit()).toBe(2);
    expect(wrong.stderr).toBe(
      "nestjs-langfuse: Unknown option '--prot' (--help tells more)\n",
    );
    expect(wrong.stdout).toBe('');
  });

  it('can be run by its name', async () => {
    const source = await readFile(
      new URL('../../lib/local/cli.ts', import.meta.url),
      'utf8',
    );
    expect(source).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe('parseCliArguments', () => {
  it.each([
    [['local'], { kind: 'local', port: 3030 }],
    [['local', '--port', '8080'], { kind: 'local', port: 8080 }],
    [['--port=0', 'local'], { kind: 'local', port: 0 }],
    [['local', '--port', '1', '--help'], { kind: 'help' }],
  ])('understands %j', (args, command) => {
    expect(parseCliArguments(args)).toEqual(command);
  });

  it.each([
    [[], 'name a command: nestjs-langfuse local'],
    [['serve'], 'unknown command "serve": the commands are local and spool'],
    [
      ['local', 'x'],
      'unknown command "local x": the commands are local and spool',
    ],
    [
      ['local', '--port', '65536'],
      '--port must be a whole number from 0 to 65535, got "65536"',
    ],
    [
      ['local', '--port', '1e3'],
      '--port must be a whole number from 0 to 65535, got "1e3"',
    ],
    [
      ['local', '--port='],
      '--port must be a whole number from 0 to 65535, got ""',
    ],
    [['local', '--port'], "Option '-p, --port <value>' argument missing"],
    [['local', '--verbose'], "Unknown option '--verbose'"],
  ])('explains what is wrong with %j', (args, message) => {
    expect(parseCliArguments(args)).toEqual({ kind: 'wrong', message });
  });
});
