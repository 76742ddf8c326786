/**
 * Version of how texts are read and their words timed, part of a voice line's recipe: raised by every change of the
 * speech for a text, or of its words.
 */
export const READING = "reading 2";

/** The same for recordings: raised by every change of how they are decoded, or their words found. */
export const RECORDING = "recording 1";
