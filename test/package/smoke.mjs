// Packs the package, looks at the tarball, installs it into an empty Nest
// application and into one that `nest new` of Nest 11 makes, and uses it from
// there as a stranger would: from ESM, CommonJS, npx and Jest.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createApplication,
  npm,
  pack,
  root,
  run,
  Steps,
} from './application.mjs';
import { generate, testAndCheck } from './generated.mjs';
import { checkContent, checkImports, checkTypes } from './tarball.mjs';

/** Number of packages and bytes below a `node_modules`. */
function weigh(folder) {
  let packages = 0;
  let bytes = 0;
  for (const file of readdirSync(folder, { recursive: true })) {
    const stat = statSync(join(folder, file));
    if (stat.isFile()) bytes += stat.size;
    if (/(^|node_modules\/)(@[^/]+\/)?[^/]+\/package\.json$/.test(file)) {
      packages += 1;
    }
  }
  return { packages, bytes };
}

const work = mkdtempSync(join(tmpdir(), 'nestjs-langfuse-'));
const app = join(work, 'app');
const unpacked = join(work, 'package');
const modules = join(app, 'node_modules');
const steps = new Steps();

try {
  let tarball = '';
  steps.step('npm pack', () => {
    tarball = pack(work);
    mkdirSync(unpacked);
    run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1'], work);
    return checkContent(tarball, unpacked);
  });
  steps.step('every import is declared', () => checkImports(unpacked));
  steps.step('publint', () => {
    run('npx', ['publint', '--strict', tarball], root);
  });
  await steps.stepAsync('are the types wrong', () => checkTypes(tarball));

  let before = { packages: 0, bytes: 0 };
  steps.step('an empty Nest application', () => {
    createApplication(app);
    before = weigh(modules);
    return `${before.packages} packages`;
  });
  steps.step('npm install of the tarball', () => {
    npm(['install', tarball], app);
    const after = weigh(modules);
    const packages = after.packages - before.packages;
    const megabytes = (after.bytes - before.bytes) / 1e6;
    const added = `adds ${packages} packages, ${megabytes.toFixed(2)} MB`;
    // This one, OpenTelemetry's API, and two small ones for proxies.
    if (packages > 4 || megabytes > 5) throw new Error(`too large: ${added}`);
    return added;
  });

  steps.step('from ESM', () => run('node', ['app.mjs'], app));
  steps.step('from CommonJS', () => run('node', ['app.cjs'], app));
  steps.step('the CommonJS copy', () => run('node', ['copy.cjs'], app));
  steps.step('an ES module and CommonJS in one process', () =>
    run('node', ['copies.cjs'], app).trim(),
  );
  steps.step('npx nestjs-langfuse --help', () => {
    const help = run('npx', ['--no-install', 'nestjs-langfuse', '--help'], app);
    if (!help.includes('local')) throw new Error(`unexpected help:\n${help}`);
  });
  steps.step('what an observation costs', () => {
    return `\n${run('node', ['cpu.mjs'], app).trimEnd()}`;
  });

  steps.step('nest new of Nest 11, with Jest as it comes', () =>
    testAndCheck(generate(work, '11', tarball)),
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
steps.close();
