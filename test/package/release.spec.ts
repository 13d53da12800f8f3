import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../tools/release.mjs');
const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- A thing.

## [0.1.0] - 2026-01-01

- The first.
`;

/** A repository with what the script reads; `verify` is what its script does. */
function repository(verify = 'node -e 0') {
  const folder = mkdtempSync(join(tmpdir(), 'langfuse-release-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (file: string, text: string) =>
    writeFileSync(join(folder, file), text);
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  mkdirSync(join(folder, 'lib'));
  cpSync(
    join(import.meta.dirname, '../../lib/langfuse.constants.ts'),
    join(folder, 'lib/langfuse.constants.ts'),
  );
  const manifest = { name: 'x', version: '0.1.0', scripts: { verify } };
  write('package.json', JSON.stringify(manifest));
  write(
    'package-lock.json',
    JSON.stringify({
      name: 'x',
      version: '0.1.0',
      lockfileVersion: 3,
      packages: { '': { name: 'x', version: '0.1.0' } },
    }),
  );
  write('CHANGELOG.md', CHANGELOG);
  git('init', '--quiet', '--initial-branch', 'main');
  git('config', 'user.name', 'test');
  git('config', 'user.email', 'test@example.com');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  return {
    git,
    write,
    read: (file: string) => readFileSync(join(folder, file), 'utf8'),
    release: (...args: string[]) =>
      spawnSync(process.execPath, [SCRIPT, ...args], {
        cwd: folder,
        encoding: 'utf8',
      }),
  };
}

describe('npm run release', () => {
  it('with --dry-run says what it would do, and does nothing', () => {
    const { release, git } = repository('node -e "process.exit(1)"');
    const { status, stdout } = release('minor', '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain('0.1.0 → 0.2.0');
    expect(stdout).toContain('- A thing.');
    expect(git('status', '--porcelain')).toBe('');
    expect(git('tag')).toBe('');
  });

  it('writes the version everywhere, commits and tags', () => {
    const { release, git, read } = repository();
    const { status, stderr } = release('minor');
    expect(stderr).not.toContain('release:');
    expect(status).toBe(0);
    expect(JSON.parse(read('package.json'))).toMatchObject({
      version: '0.2.0',
    });
    expect(JSON.parse(read('package-lock.json'))).toMatchObject({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' } },
    });
    expect(read('lib/langfuse.constants.ts')).toContain(
      "SDK_VERSION = '0.2.0'",
    );
    const today = new Date().toISOString().slice(0, 10);
    expect(read('CHANGELOG.md')).toBe(
      CHANGELOG.replace(
        '## [Unreleased]\n',
        `## [Unreleased]\n\n## [0.2.0] - ${today}\n`,
      ),
    );
    expect(git('tag')).toBe('v0.2.0');
    expect(git('log', '-1', '--format=%s')).toBe('chore(release): 0.2.0');
    expect(git('status', '--porcelain')).toBe('');
  });

  it('releases the version that is there, once', () => {
    const { release, git, write } = repository();
    expect(release('0.1.0').status).toBe(0);
    expect(git('tag')).toBe('v0.1.0');
    write('CHANGELOG.md', CHANGELOG);
    git('commit', '--quiet', '--all', '--message', 'more');
    expect(release('0.1.0').stderr).toContain('v0.1.0 is released already');
  });

  it('leaves everything as it was when it is not verified', () => {
    const { release, git, read } = repository('node -e "process.exit(1)"');
    expect(release('patch').status).toBe(1);
    expect(read('CHANGELOG.md')).toBe(CHANGELOG);
    expect(git('status', '--porcelain')).toBe('');
    expect(git('tag')).toBe('');
  });

  it.each<[string, string[], (at: ReturnType<typeof repository>) => void]>([
    ['commit or stash', ['patch'], ({ write }) => write('new.txt', '')],
    ['switch to main', ['patch'], ({ git }) => git('switch', '-c', 'x')],
    ['below 0.1.0', ['0.0.9'], () => undefined],
    ['is no release', ['next'], () => undefined],
    ['is no release', [], () => undefined],
    [
      'nothing under Unreleased',
      ['patch'],
      ({ git, write }) => {
        write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n');
        git('commit', '--quiet', '--all', '--message', 'empty');
      },
    ],
  ])('refuses: %s', (message, args, prepare) => {
    const at = repository();
    prepare(at);
    const { status, stderr } = at.release(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });
});
