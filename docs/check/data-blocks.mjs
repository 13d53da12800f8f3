// Blocks that are no TypeScript: whether they are what their language says.
import { Script } from 'node:vm';
import { parse } from 'yaml';

const READERS = {
  json: (text) => JSON.parse(text),
  js: (text) => new Script(text),
  yaml: (text) => parse(text),
};

/** What is wrong with a page's blocks of JSON, JavaScript and YAML. */
export function problemsOfData({ blocks }) {
  return blocks.flatMap(({ language, text, line }) => {
    try {
      READERS[language]?.(text);
      return [];
    } catch (error) {
      return [`line ${line}: ${error.message}`];
    }
  });
}
