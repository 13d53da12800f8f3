// `npm run release -- <patch|minor|major|x.y.z> [--dry-run]`: puts the version
// where it is written, verifies it, commits and tags. Pushing and publishing are
// left to whoever runs it: CONTRIBUTING.md says how.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  nextVersion,
  releaseChangelog,
  unreleasedNotes,
} from './release-plan.mjs';

const BRANCH = 'main';
const CONSTANTS = 'lib/langfuse.constants.ts';
const SDK_VERSION = /(SDK_VERSION = ')[^']+(')/;
const CHANGED = [
  'package.json',
  'package-lock.json',
  CONSTANTS,
  'CHANGELOG.md',
];

function read(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8' }).trim();
}

function show(command, ...args) {
  execFileSync(command, args, { stdio: 'inherit' });
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @throws Error where it would release something else than what is pushed */
function checkWorkingTree(tag) {
  const branch = read('git', 'branch', '--show-current');
  if (branch !== BRANCH) {
    throw new Error(`this is branch "${branch}": switch to ${BRANCH}`);
  }
  const changes = read('git', 'status', '--porcelain');
  if (changes !== '') throw new Error(`commit or stash first:\n${changes}`);
  if (read('git', 'tag', '--list', tag) !== '') {
    throw new Error(`${tag} is released already`);
  }
}

function writeVersion(version, changelog) {
  const quiet = ['--no-git-tag-version', '--allow-same-version'];
  read('npm', 'version', version, ...quiet, '--ignore-scripts');
  writeFileSync('CHANGELOG.md', changelog);
  const constants = readFileSync(CONSTANTS, 'utf8');
  if (!SDK_VERSION.test(constants)) {
    throw new Error(`${CONSTANTS} has no SDK_VERSION`);
  }
  const changed = constants.replace(SDK_VERSION, `$1${version}$2`);
  writeFileSync(CONSTANTS, changed);
}

function release({ wanted, dryRun }) {
  const current = JSON.parse(readFileSync('package.json', 'utf8')).version;
  const version = nextVersion(current, wanted);
  const tag = `v${version}`;
  checkWorkingTree(tag);
  const before = readFileSync('CHANGELOG.md', 'utf8');
  const today = new Date().toISOString().slice(0, 10);
  const changelog = releaseChangelog(before, version, today);
  say(`${current} → ${version}\n\n${unreleasedNotes(before)}\n`);
  if (dryRun) {
    say(
      `Would change ${CHANGED.join(', ')}, run npm run verify, and tag ${tag}.`,
    );
    return;
  }
  try {
    writeVersion(version, changelog);
    show('npm', 'run', 'verify');
    read(
      'git',
      'commit',
      '--message',
      `chore(release): ${version}`,
      ...CHANGED,
    );
  } catch (error) {
    read('git', 'checkout', '--', ...CHANGED);
    throw error;
  }
  read('git', 'tag', '--annotate', tag, '--message', tag);
  say(`Tagged ${tag}. Next: git push --follow-tags, and npm publish.`);
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'dry-run': { type: 'boolean', default: false } },
  });
  release({ wanted: positionals[0], dryRun: values['dry-run'] });
} catch (error) {
  process.stderr.write(`release: ${error.message}\n`);
  process.exitCode = 1;
}
