// Builds the site and checks it and its pages, a line for each:
// `node check/check.mjs`, or `node check/check.mjs queue scores` for some pages
// without the site.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSite } from './build.mjs';
import { compile, prepareWorkspace, writeUnits } from './compile.mjs';
import { problemsOfData } from './data-blocks.mjs';
import { checkSite, problemsOfLinks } from './links.mjs';
import { problemsOfOperating } from './operating-page.mjs';
import { readPage } from './pages.mjs';
import { problemsOfProgram, programsOf } from './programs.mjs';

const docs = join(import.meta.dirname, '..');
const root = join(docs, '..');
const work = join(docs, '.work');

/** `npm run test:migration` follows it to the letter, in fresh folders. */
const FOLLOWED_ELSEWHERE = 'migrating';

const wanted = process.argv.slice(2);
const counts = { passed: 0, failed: 0 };

function tell(name, problems, said) {
  const ok = problems.length === 0;
  counts[ok ? 'passed' : 'failed'] += 1;
  const line = ok
    ? `ok    ${name}: ${said}`
    : `FAIL  ${name}\n  ${problems.join('\n').replaceAll('\n', '\n  ')}`;
  process.stdout.write(`${line}\n`);
}

if (wanted.length === 0) {
  const { site, problems } = await buildSite();
  const { problems: ofLinks, count } = checkSite(site);
  tell('site', [...problems, ...ofLinks], `${count} links`);
}

const pages = [
  ...readdirSync(docs)
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(docs, file)),
  join(root, 'README.md'),
  join(root, 'ARCHITECTURE.md'),
]
  .filter((path) => wanted.length === 0 || wanted.includes(nameOf(path)))
  .map(readPage);

function nameOf(path) {
  return basename(path, '.md');
}

const compiled = pages.filter(
  ({ path }) => nameOf(path) !== FOLLOWED_ELSEWHERE,
);
prepareWorkspace(work, root);
const units = compiled.flatMap((page) => writeUnits(work, root, page));
const ofCompiler = compile(work, units);

for (const page of pages) {
  const programs = programsOf(page, units);
  const problems = [
    ...problemsOfLinks(page),
    ...problemsOfData(page),
    ...(ofCompiler.get(page.path) ?? []),
    ...(nameOf(page.path) === 'operating'
      ? problemsOfOperating(page, join(root, 'lib'))
      : []),
  ];
  if (!ofCompiler.has(page.path)) {
    for (const program of programs) {
      problems.push(...(await problemsOfProgram(program)));
    }
  }
  const blocks = units.filter(({ source }) => source === page.path).length;
  const said =
    nameOf(page.path) === FOLLOWED_ELSEWHERE
      ? 'its blocks are for npm run test:migration'
      : `${page.links.length} links, ${blocks} blocks compiled, ${programs.length} programs run`;
  tell(page.path.slice(root.length + 1), problems, said);
}
if (ofCompiler.has('compiler')) tell('compiler', ofCompiler.get('compiler'));

process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = counts.failed > 0 ? 1 : 0;
