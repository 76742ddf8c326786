/** An entry of a list of keys. */
export interface ListedKey {
  readonly id: string;
  /** As it is written, after the colon. */
  readonly secret: string;
}

const ID = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * Parses `id:secret`, several separated by commas or lines; lines that begin with "#" are comments. Throws an Error whose
 * message shows no secret, since a mistyped key may be one.
 */
export function parseKeyList(text: string): ListedKey[] {
  const entries = text
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith("#"))
    .flatMap((line) => line.split(","))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const keys = entries.map(parseKey);
  const twice = keys.find(({ id }, i) => keys.findIndex((other) => other.id === id) < i);
  if (twice) throw new Error(`two keys have the id ${twice.id}`);
  return keys;
}

function parseKey(entry: string, i: number): ListedKey {
  const colon = entry.indexOf(":");
  const id = entry.slice(0, Math.max(0, colon));
  if (!ID.test(id)) {
    throw new Error(`key ${i + 1} is not id:secret, with an id of up to 32 letters, digits, "-" and "_"`);
  }
  return { id, secret: entry.slice(colon + 1) };
}
