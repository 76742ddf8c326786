/** Longer texts are shortened in messages: recognisable, without filling logs. */
const SHOWN = 60;

/** A name or text of the request, quoted for a message. */
export function quote(text: string): string {
  const characters = [...text.slice(0, 4 * SHOWN)]; // Some have two UTF-16 units.
  return JSON.stringify(characters.length > SHOWN ? `${characters.slice(0, SHOWN - 1).join("")}…` : text);
}

/** `"a", "b" and "c"`; of many, the first ones and the number of the others. */
export function quoteAll(texts: readonly string[], shown = 8): string {
  const quoted = texts.slice(0, shown).map(quote);
  const more = texts.length - quoted.length;
  if (more > 0) return `${quoted.join(", ")} and ${more} more`;
  return quoted.length > 1 ? `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}` : (quoted[0] ?? "");
}
