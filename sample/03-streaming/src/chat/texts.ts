/** What the chat can talk about. */

/** A text for questions that have the word `about`. */
export const TEXTS = [
  {
    about: 'stream',
    text:
      'A streamed answer reaches you word by word, while the rest of it is still ' +
      'being made. Nobody waits for the end to read the beginning, and who has ' +
      'read enough can stop. That is why its trace has more to tell than that of ' +
      'an answer in one piece: when the first word came, how many were read, and ' +
      'whether somebody left before the last.',
  },
  {
    about: 'lighthouse',
    text:
      'The keeper climbed two hundred and seven steps each evening, lit the lamp, ' +
      'and wrote the weather down. Wind from the west, three ships, one of them ' +
      'late. He had never met anybody who read what he wrote. One winter the lamp ' +
      'went out for an hour, and in spring a letter came from the other end of ' +
      'the sea: we noticed, it said, please write down why. He climbed the steps ' +
      'two at a time that evening. Since then there are two columns in the book, ' +
      'one for what happened and one for what did not, and the second is the one ' +
      'that is read first.',
  },
] as const;

export const UNKNOWN =
  'I am a small program with two texts, one about streams and one about a ' +
  'lighthouse. A model would know more, and its trace would look the same.';
