// Documents of the site are called as their first heading says, so that the pages
// need no front matter, which GitHub would show as a table; modules as they are
// imported. Links work without a web server, too.
import { Converter, PageEvent, ReflectionKind } from 'typedoc';

const IMPORTED_AS = new Map([
  ['index', 'nestjs-langfuse'],
  ['testing', 'nestjs-langfuse/testing'],
  ['local', 'nestjs-langfuse/local'],
]);

const SAMPLE = /sample\/(\d\d)-/;

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    // Until then a document is called by the path of its file.
    const number = SAMPLE.exec(document.name)?.[1];
    const heading = takeHeading(document.content);
    if (heading === undefined) return;
    // The README's, which is the name of the main module, too.
    const title = heading === 'nestjs-langfuse' ? 'Overview' : heading;
    document.name = number === undefined ? title : `${number} ${title}`;
    document.frontmatter.group = number === undefined ? 'Guides' : 'Samples';
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      module.name = IMPORTED_AS.get(module.name) ?? module.name;
    }
  });
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents.replaceAll(
      /href="\.\.\/(?=["#])/g,
      'href="../index.html',
    );
  });
}

/** Takes the first line out of the parts of a text, if it is a heading. */
function takeHeading(parts) {
  if (!parts[0]?.text.startsWith('# ')) return undefined;
  let heading = '';
  while (parts.length > 0) {
    const [part] = parts;
    const end = part.text.indexOf('\n');
    heading += end < 0 ? part.text : part.text.slice(0, end);
    if (end >= 0) {
      part.text = part.text.slice(end).trimStart();
      break;
    }
    parts.shift();
  }
  return heading.slice(2).replaceAll('`', '');
}
