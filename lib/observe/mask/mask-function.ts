/**
 * Replaces what must not leave the application in one text. It is asked for
 * each text that would go on the wire: input, output, metadata and the rest of
 * an observation, what it carries of its trace, events, links and scores. Values
 * that are no strings are JSON text by then. Ids that Langfuse made, times, the
 * words of Langfuse's own vocabulary, numbers and booleans are not asked for.
 *
 * It may be asynchronous; all texts of one record together have a second. A
 * text for which it throws, rejects, is late, or returns nothing is sent as
 * {@link FULLY_MASKED}, never as it was. What it returns is sent, a value that
 * is no string as JSON text.
 *
 * The same text should always become the same: user, session and trace are
 * found by it, and a score belongs to the session of that id. Nothing is
 * recorded while it runs, so it cannot call itself.
 *
 * @example
 * ```ts
 * const mask: MaskFunction = ({ data, attribute }) =>
 *   attribute === 'langfuse.observation.model.name'
 *     ? data
 *     : data.replace(/\bsecret-\w+/g, '***');
 * ```
 * @publicApi
 */
export type MaskFunction = (text: MaskedText) => unknown;

/** One text that a {@link MaskFunction} is asked for. @publicApi */
export interface MaskedText {
  /** The text as it would be sent. Never empty. */
  readonly data: string;
  /**
   * What the text is:
   *
   * - the key of the attribute whose value it is, such as
   *   `langfuse.observation.input`, `langfuse.observation.metadata.<key>`,
   *   `user.id` or `exception.message`; entries of a list come one by one;
   * - `attribute.key` for a key that the application chose, of metadata without
   *   Langfuse's prefix;
   * - `span.name`, `span.status_message`, `span.trace_state`, `event.name`;
   * - `score.name`, `score.value`, `score.comment`, `score.metadata`, and for
   *   ids that the application chose `score.id` and the like.
   */
  readonly attribute: string;
}

/** What a failed mask leaves, as in Langfuse's own SDKs. */
export const FULLY_MASKED = '<fully masked due to failed mask function>';
