// Writes `options.md` out of the options' table: what the table says of each option
// (variables, default, limits) and the comment that stands above it there.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { optionNames, optionsTable } from '../../dist/options/options.table.js';

const root = join(import.meta.dirname, '..', '..');
const path = join(root, 'docs', 'options.md');

const INTRO = `# Options

<!-- Written by docs/check/options-page.mjs out of lib/options/options.table.ts. -->

Options of \`LangfuseModule.forRoot()\`, of what the factory of \`forRootAsync()\` returns, and of \`createLangfuseQueue()\`. What is not given is read from the
environment variable, and has its default where that is not set, either. Empty variables count as not set. An option that is wrong ends the start with a
\`LangfuseOptionsError\`, which names all of them.
`;

const EXTRAS = `
## Beside the factory

These shape the module itself, so in \`forRootAsync()\` they stand beside \`useFactory\`, \`useClass\` or \`useExisting\`.
`;

/** Writes the page, and returns what is missing in it. */
export function writeOptionsPage() {
  const comments = commentsIn('lib/options/options.table.ts');
  const extras = commentsIn('lib/langfuse.module-definition.ts');
  const ofModule = ['isGlobal', 'name', 'traceRequests'];
  const text = [
    INTRO,
    overview(),
    ...optionNames.map((name) => section(name, comments.get(name) ?? '')),
    EXTRAS,
    ...ofModule.map((name) => extra(name, extras.get(name) ?? '')),
  ].join('\n');
  writeFileSync(path, `${text.trimEnd()}\n`);
  return [
    ...optionNames.filter((name) => !comments.has(name)),
    ...ofModule.filter((name) => !extras.has(name)),
  ].map((name) => `the option ${name} has no comment`);
}

function overview() {
  const rows = optionNames.map((name) => {
    const { env } = optionsTable[name];
    const variable = env[0] === undefined ? '' : code(env[0]);
    return `| [${code(name)}](#${name.toLowerCase()}) | ${variable} | ${valueOf(name)} |`;
  });
  return [
    '| option | variable | default |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function section(name, comment) {
  const { env, expects, unit } = optionsTable[name];
  const facts = [
    `- Value: ${expects}${unit === undefined || expects.includes(unit) ? '' : `, in ${unit}`}`,
    `- Default: ${valueOf(name) || 'none'}`,
    ...(env.length > 0 ? [`- Variable: ${env.map(code).join(', or ')}`] : []),
  ];
  return `## ${name}\n\n${facts.join('\n')}\n\n${prose(comment)}`;
}

function extra(name, comment) {
  const [, value = 'none'] = /^@default (.*)$/m.exec(comment) ?? [];
  const shown = value === 'none' ? value : code(value);
  return `### ${name}\n\n- Default: ${shown}\n\n${prose(comment)}`;
}

function valueOf(name) {
  const value = optionsTable[name].default;
  if (value === undefined || typeof value === 'function') return '';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}

function code(text) {
  return `\`${text}\``;
}

/** A comment's text; what the facts say already is left out. */
function prose(comment = '') {
  const [text] = comment.split(/^@/m);
  return `${text
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
    .split('\n\n')
    .map((part) => part.replace(/^Env: [^.]*\.\s*/, ''))
    .filter((part) => part !== '')
    .join('\n\n')
    .trim()}\n`;
}

/** The comments of the members of the first object or interface that has any. */
function commentsIn(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const comments = new Map();
  const visit = (node) => {
    const isMember =
      ts.isPropertyAssignment(node) || ts.isPropertySignature(node);
    const comment = isMember && node.jsDoc?.at(-1)?.getText();
    if (comment && !comments.has(node.name.getText())) {
      comments.set(node.name.getText(), withoutStars(comment));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return comments;
}

function withoutStars(comment) {
  return comment
    .replace(/^\/\*\*\s*/, '')
    .replace(/\s*\*\/$/, '')
    .replaceAll(/^[ \t]*\* ?/gm, '');
}
