/**
 * Control characters, which can make terminals write files, send input or hide text, and bidirectional overrides.
 * Excludes line ends (LF, CR LF), tabs, and a carriage return at the start of a note. The first alternative matches a
 * change of colour.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: matching them is the purpose
const UNSAFE = /\x1b\[[\d;]*m|(?!\n|\t|\r\n|^\r)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Makes a text safe for a terminal: labels, file names and messages of servers and programs are not trusted. Invisible
 * characters are escaped as in JSON ("\u001b"), so that JSON stays equivalent. `colours` keeps colour changes, if the
 * text is ours.
 */
export const visible = (text: string, { colours }: { colours: boolean }): string =>
  text.replace(UNSAFE, (found) => (colours && found.length > 1 ? found : escaped(found[0] ?? "") + found.slice(1)));

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
