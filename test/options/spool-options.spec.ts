import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type LangfuseModuleOptions,
  resolveOptions,
} from '../../lib/options/index.js';
import { linesOf } from './refusal.js';

const DIR = '/var/spool/langfuse';

const DEFAULTS = {
  maxBytes: 268_435_456,
  maxAgeMs: 86_400_000,
  minFreeBytes: 67_108_864,
  fsync: 'never',
};

function spoolingFrom(
  given: LangfuseModuleOptions,
  env: NodeJS.ProcessEnv = {},
) {
  return resolveOptions(given, env).spooling;
}

describe('the mode of the spool', () => {
  it('is off unless somebody asks for it', () => {
    expect(spoolingFrom({})).toEqual({ mode: 'off' });
  });

  it('is overflow for whoever names a folder', () => {
    const expected = { mode: 'overflow', dir: DIR, ...DEFAULTS };
    expect(spoolingFrom({ spoolDir: DIR })).toEqual(expected);
    expect(spoolingFrom({}, { LANGFUSE_SPOOL_DIR: DIR })).toEqual(expected);
  });

  it.each(['overflow', 'event'] as const)('is %s when it is set', (spool) => {
    const expected = { mode: spool, dir: DIR, ...DEFAULTS };
    expect(spoolingFrom({ spool, spoolDir: DIR })).toEqual(expected);
    const env = { LANGFUSE_SPOOL: spool, LANGFUSE_SPOOL_DIR: DIR };
    expect(spoolingFrom({}, env)).toEqual(expected);
  });

  it('can be switched off without taking the other options out', () => {
    const given = { spoolDir: DIR, spoolMaxBytes: 2 ** 30 };
    const off = { mode: 'off' };
    expect(spoolingFrom({ ...given, spool: 'off' })).toEqual(off);
    expect(spoolingFrom(given, { LANGFUSE_SPOOL: 'off' })).toEqual(off);
  });

  it.each(['on', 'true', 'Event', true, null])('is never %j', (spool) => {
    expect(linesOf({ spool, spoolDir: DIR })).toEqual([
      expect.stringMatching(
        /^spool: .+ is not "overflow" or "event" or "off"; e\.g\. "overflow"\.$/,
      ),
    ]);
  });
});

describe('the folder of the spool', () => {
  it('is one of its own for each user when only the mode is set', () => {
    const dir = join(tmpdir(), `nestjs-langfuse-${process.geteuid!()}`);
    expect(spoolingFrom({ spool: 'event' })).toMatchObject({ dir });
  });

  it('is written in one way', () => {
    const spoolDir = '/var//spool/./langfuse/';
    expect(spoolingFrom({ spoolDir })).toMatchObject({ dir: DIR });
  });

  it.each(['', 'spool', './spool', '~/spool', '/a\0b', 7, null])(
    'is not %j',
    (spoolDir) => {
      expect(linesOf({ spoolDir })).toEqual([
        expect.stringMatching(
          /^spoolDir: .+ is not an absolute path; e\.g\. "\/var\/spool\/langfuse"\.$/,
        ),
      ]);
    },
  );
});

describe('the limits of the spool', () => {
  it('are options and variables', () => {
    const expected = {
      maxBytes: 1_048_576,
      maxAgeMs: 1,
      minFreeBytes: 4_194_304,
      fsync: 'always',
    };
    const given = {
      spoolDir: DIR,
      spoolMaxBytes: 1_048_576,
      spoolMaxAgeMs: 1,
      spoolMinFreeBytes: 4_194_304,
      spoolFsync: 'always',
    } as const;
    expect(spoolingFrom(given)).toMatchObject(expected);
    const env = {
      LANGFUSE_SPOOL_DIR: DIR,
      LANGFUSE_SPOOL_MAX_BYTES: '1048576',
      LANGFUSE_SPOOL_MAX_AGE_MS: '1',
      LANGFUSE_SPOOL_MIN_FREE_BYTES: '4194304',
      LANGFUSE_SPOOL_FSYNC: 'always',
    };
    expect(spoolingFrom({}, env)).toMatchObject(expected);
  });

  it('are all refused in one message', () => {
    const given = {
      spool: 'disk',
      spoolDir: 'spool',
      spoolMaxBytes: 1_048_575,
      spoolMaxAgeMs: 0,
      spoolMinFreeBytes: 0,
      spoolFsync: 'interval',
    };
    expect(linesOf(given).map((line) => line.split(':')[0])).toEqual(
      Object.keys(given),
    );
  });

  it('are refused where nobody switched a spool on', () => {
    const env = { LANGFUSE_SPOOL_FSYNC: 'always' };
    expect(linesOf({ spoolMaxBytes: 2 ** 30 }, env)).toEqual([
      "spoolMaxBytes: it has no effect, since there is no spool; set spoolDir or spool, or spool: 'off' to say that this is intended.",
      "spoolFsync (LANGFUSE_SPOOL_FSYNC): it has no effect, since there is no spool; set spoolDir or spool, or spool: 'off' to say that this is intended.",
    ]);
  });
});
