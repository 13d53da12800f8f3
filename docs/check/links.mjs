// Follows links: those of the pages as GitHub shows them, and those of the site.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { readPage } from './pages.mjs';

const EXTERNAL = /^(?:https?|mailto):/;
const pages = new Map();

/** What is wrong with the links of a page; addresses elsewhere are not called. */
export function problemsOfLinks({ path, links }) {
  return links.flatMap(({ target, line }) => {
    if (EXTERNAL.test(target)) return URL.canParse(target) ? [] : [target];
    const [file, anchor] = target.split('#');
    const wanted = file === '' ? path : resolve(dirname(path), file);
    if (!existsSync(wanted)) return [`line ${line}: there is no ${target}`];
    if (anchor === undefined || !wanted.endsWith('.md')) return [];
    return anchorsOf(wanted).has(anchor)
      ? []
      : [`line ${line}: ${target} has no such heading`];
  });
}

function anchorsOf(path) {
  let anchors = pages.get(path);
  if (!anchors) {
    anchors = readPage(path).anchors;
    pages.set(path, anchors);
  }
  return anchors;
}

/** @returns what is wrong with the links of a built site, and how many there are */
export function checkSite(folder) {
  const ids = new Map();
  const idsOf = (file) => {
    let found = ids.get(file);
    if (!found) {
      const html = readFileSync(file, 'utf8');
      const matches = html.matchAll(/\s(?:id|name)="([^"]*)"/g);
      found = new Set([...matches].map(([, id]) => unescaped(id)));
      ids.set(file, found);
    }
    return found;
  };
  const problems = [];
  let count = 0;
  for (const file of htmlFiles(folder)) {
    const html = readFileSync(file, 'utf8').replaceAll(
      /<script[\s\S]*?<\/script>/g,
      '',
    );
    for (const [, address] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      const link = unescaped(address);
      if (/^[a-z]+:/i.test(link)) continue;
      count += 1;
      const [place, anchor] = link.split('#');
      const wanted =
        place === '' ? file : resolve(dirname(file), decodeURI(place));
      const where = relative(folder, file);
      if (!existsSync(wanted) || !statSync(wanted).isFile()) {
        problems.push(`${where}: there is no ${link}`);
      } else if (
        anchor &&
        wanted.endsWith('.html') &&
        !idsOf(wanted).has(decodeURIComponent(anchor))
      ) {
        problems.push(`${where}: ${link} has no such anchor`);
      }
    }
  }
  return { problems: [...new Set(problems)], count };
}

function* htmlFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* htmlFiles(path);
    else if (entry.name.endsWith('.html')) yield path;
  }
}

function unescaped(text) {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
