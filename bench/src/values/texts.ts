/**
 * Real text: passages of the README files of the packages that this repository
 * is developed with. What it compresses to, and how many of its strings hold
 * characters beyond Latin-1, is not invented.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SeededRandom } from './random.js';

const MODULES = fileURLToPath(
  new URL('../../../node_modules/', import.meta.url),
);

/** Shorter files are mostly a licence and badges. */
const MIN_FILE_CHARACTERS = 3_000;

/** Media is treated by each library in its own way, and is no text. */
const MEDIA = ';base64,';

const PARAGRAPHS = /\n{2,}/;

/** V8 keeps a string of other characters in two bytes each. */
const BEYOND_LATIN_1 = /[^\0-\xff]/;

/** Passages of running text; the same ones in every process. */
export class Texts {
  private constructor(
    private readonly corpus: string,
    private readonly random: SeededRandom,
  ) {}

  /** Texts as they are, and others of Latin-1 only. */
  static both(random: SeededRandom): readonly [Texts, Texts] {
    const paragraphs = readParagraphs();
    const latin1 = paragraphs.filter((text) => !BEYOND_LATIN_1.test(text));
    return [
      new Texts(paragraphs.join('\n\n'), random),
      new Texts(latin1.join('\n\n'), random),
    ];
  }

  /** Whole words, at most `length` characters and mostly a few less. */
  passage(length: number): string {
    const { corpus, random } = this;
    const from = random.below(corpus.length - 2 * length);
    const start = corpus.indexOf(' ', from) + 1;
    const end = corpus.lastIndexOf(' ', start + length);
    // A string of its own, as those that come from a socket, and no view of
    // the corpus.
    return JSON.parse(JSON.stringify(corpus.slice(start, end))) as string;
  }
}

/** Each paragraph once: what many packages repeat would be compressed away. */
function readParagraphs(): string[] {
  const paragraphs = new Set<string>();
  for (const file of packageFolders().flatMap(readmesIn)) {
    const text = readFileSync(file, 'utf8');
    if (text.length < MIN_FILE_CHARACTERS) continue;
    for (const paragraph of text.split(PARAGRAPHS)) {
      if (!paragraph.includes(MEDIA)) paragraphs.add(paragraph);
    }
  }
  return [...paragraphs];
}

function packageFolders(): string[] {
  const names = readdirSync(MODULES).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) =>
    name.startsWith('@')
      ? readdirSync(`${MODULES}${name}`).map((part) => `${name}/${part}`)
      : [name],
  );
}

function readmesIn(folder: string): string[] {
  return readdirSync(`${MODULES}${folder}`)
    .filter((file) => file.toLowerCase() === 'readme.md')
    .map((file) => `${MODULES}${folder}/${file}`);
}
