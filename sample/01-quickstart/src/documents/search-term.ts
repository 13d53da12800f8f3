/** What words of a text are searched by. */

const STOP_WORDS = new Set(
  (
    'a about after all also an and any are as at be been before but by can ' +
    'could did do does for from get had has have how i if in into is it its ' +
    'me my no not of on only or our so than that the their them then there ' +
    'they this to up us was we were what when where which who why will with ' +
    'would you your'
  ).split(' '),
);

/**
 * The form of a word that is indexed and looked up: lower case, without the
 * commonest English endings ("queued" and "queues" find "queue").
 *
 * @returns null for words that stand everywhere and find nothing
 */
export function searchTerm(word: string): string | null {
  const lower = word.toLowerCase();
  if (STOP_WORDS.has(lower)) return null;
  return lower.length > 4 ? lower.replace(/(?:ing|e?d|e?s|e)$/, '') : lower;
}
