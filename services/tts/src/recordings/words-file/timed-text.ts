/** A word, or a phrase whose words are not timed one by one. Times in seconds from the recording's start. */
export interface TimedText {
  readonly text: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Where it stands in its file: "line 12", "words[3]". */
  readonly place: string;
}

/** A mistake in a file of words. */
export class WordsFileMistake extends Error {
  constructor(
    /** "line 12"; empty: the whole file. */
    readonly place: string,
    readonly reason: string,
    readonly remedy: string,
  ) {
    super(reason);
  }
}
