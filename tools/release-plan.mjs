// What a release changes, as pure functions.

const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;
const UNRELEASED = '## [Unreleased]';

/**
 * @param wanted `patch`, `minor`, `major`, or a version
 * @throws Error when it is none of these, or below the current one
 */
export function nextVersion(current, wanted) {
  const [major, minor, patch] = partsOf(current);
  switch (wanted) {
    case 'major':
      return `${major + 1}.0.0`;
    case 'minor':
      return `${major}.${minor + 1}.0`;
    case 'patch':
      return `${major}.${minor}.${patch + 1}`;
  }
  if (!VERSION.test(wanted ?? '')) {
    throw new Error(
      `"${wanted}" is no release: patch, minor, major, or a version such as 1.2.3`,
    );
  }
  const [first] = partsOf(wanted)
    .map((part, i) => part - [major, minor, patch][i])
    .filter((difference) => difference !== 0);
  // The same version is one that was never released.
  if (first < 0) throw new Error(`${wanted} is below ${current}`);
  return wanted;
}

/**
 * The changelog with what is unreleased under the version's own heading.
 *
 * @param date as `YYYY-MM-DD`
 * @throws Error when there is nothing to release
 */
export function releaseChangelog(text, version, date) {
  const { before, notes, after } = unreleased(text);
  if (notes === '')
    throw new Error('CHANGELOG.md has nothing under Unreleased');
  const heading = `## [${version}] - ${date}`;
  return `${before}${UNRELEASED}\n\n${heading}\n\n${notes}\n${after && `\n${after}`}`;
}

/** What CHANGELOG.md says of the next version. */
export function unreleasedNotes(text) {
  return unreleased(text).notes;
}

function unreleased(text) {
  const start = text.indexOf(UNRELEASED);
  if (start < 0) throw new Error(`CHANGELOG.md has no "${UNRELEASED}"`);
  const rest = text.slice(start + UNRELEASED.length);
  const end = rest.search(/^## /m);
  return {
    before: text.slice(0, start),
    notes: (end < 0 ? rest : rest.slice(0, end)).trim(),
    after: end < 0 ? '' : rest.slice(end),
  };
}

function partsOf(version) {
  const [, ...parts] = VERSION.exec(version) ?? [];
  return parts.map(Number);
}
