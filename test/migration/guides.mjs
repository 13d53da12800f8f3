// Reads the guides: what they say to run, to write, and what then arrives.

/** A fence, its language, what stands beside that, and the text within. */
const BLOCK = /^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm;

/**
 * @returns the guides, a heading each; what stands before the first heading
 * begins every one of them
 */
export function readGuides(markdown) {
  const [common, ...sections] = markdown.split(/^## /m);
  return sections
    .map((section) => ({
      title: section.split('\n', 1)[0],
      steps: [...stepsOf(common), ...stepsOf(section)],
      trace: blocksOf(section).find(({ language }) => language === 'text')
        ?.text,
    }))
    .filter(({ trace }) => trace !== undefined);
}

function stepsOf(text) {
  return blocksOf(text).flatMap(({ language, file, text: content }) => {
    if (language === 'sh') {
      return content
        .trim()
        .split('\n')
        .map((command) => ({ command }));
    }
    return file ? [{ file, content }] : [];
  });
}

function blocksOf(text) {
  return [...text.matchAll(BLOCK)].map(([, language, file, content]) => ({
    language,
    file,
    text: content,
  }));
}
