import { PolyreelError } from "@polyreel/platform";
import { nearNames } from "@polyreel/spec";

const SHOWN = 5;

/**
 * The installed family of this name, in its own spelling; case, spaces and hyphens are ignored. Throws PolyreelError
 * `invalid` with the nearest names if there is none.
 */
export function installedFamily(name: string, installed: readonly string[]): string {
  const wanted = fold(name);
  const found = installed.find((family) => fold(family) === wanted);
  if (found !== undefined) return found;
  const near = nearNames(name, installed, SHOWN);
  const some =
    near.length > 0 ? `Did you mean ${quoted(near, "or")}?` : `Installed are ${quoted(sample(installed), "and")}.`;
  throw new PolyreelError("invalid", {
    reason: `No font family ${JSON.stringify(name.slice(0, LONGEST))} is installed on the machine that renders.`,
    remedy: `${some} "fc-list : family" there lists all ${installed.length}; or give the font's file instead.`,
  });
}

const fold = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Length of an unknown name in a message. */
const LONGEST = 100;

/** Those with the shortest names: of large families with a member for every script, the main one. */
const sample = (installed: readonly string[]): string[] =>
  installed.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, SHOWN);

function quoted(names: readonly string[], before: string): string {
  const all = names.map((name) => JSON.stringify(name));
  return all.length > 1 ? `${all.slice(0, -1).join(", ")} ${before} ${all.at(-1)}` : (all[0] ?? "none");
}
