/**
 * How texts are read and their words timed, as it goes into a voice line's recipe: the number grows with every change of what
 * is spoken for a text, or of its words.
 */
export const READING = "reading 2";
