// Builds the site: `node check/build.mjs`.
import { join } from 'node:path';
import { Application } from 'typedoc';
import { writeOptionsPage } from './options-page.mjs';

const docs = join(import.meta.dirname, '..');

/** @returns the folder of the site, and what is wrong with its sources */
export async function buildSite() {
  const problems = writeOptionsPage();
  process.chdir(docs);
  const app = await Application.bootstrapWithPlugins();
  const project = await app.convert();
  if (!project) throw new Error('the sources of the site cannot be read');
  app.validate(project);
  await app.generateOutputs(project);
  const { warningCount, errorCount } = app.logger;
  if (warningCount + errorCount > 0) {
    problems.push(`${warningCount} warnings, ${errorCount} errors`);
  }
  return { site: join(docs, 'site'), problems };
}

if (process.argv[1] === import.meta.filename) {
  const { problems } = await buildSite();
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
