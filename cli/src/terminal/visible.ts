/**
 * Control characters, which make terminals write files, answer, or hide what was said; and those that turn the direction of
 * what follows. Not the ends of lines (CSV's are CR LF), tabs, and the return to the beginning of a line that a note begins
 * with. First of all, a change of colour.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOTICED = /\x1b\[[\d;]*m|(?!\n|\t|\r\n|^\r)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text as a terminal may have it: labels, file names and what servers and programs say are strangers' words. What can't be
 * seen is written as JSON writes it ("\u001b"), so that JSON stays the same JSON. `colours`: those are ours, and stay.
 */
export const visible = (text: string, { colours }: { colours: boolean }): string =>
  text.replace(NOTICED, (found) => (colours && found.length > 1 ? found : escaped(found[0] ?? "") + found.slice(1)));

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
