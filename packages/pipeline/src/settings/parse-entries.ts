import { PolyreelError } from "@polyreel/platform";
import { type Problem, parsePlainYaml } from "@polyreel/spec/batch-file";
import { SettingsReading } from "./settings-reading.js";
import type { SettingsTerms } from "./settings-terms.js";

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const WORDS: NonNullable<SettingsTerms["names"]> = {
  isName: (name) => NAME.test(name),
  remedy: 'Begin with a lower-case letter and go on with such letters, digits and "-", up to 32 in all.',
};
/** Longer lists are not read. */
const MAX_PROBLEMS = 10;

/**
 * Parses a file of settings: names with their entries, each of which `read` turns into settings, or refuses. Throws
 * PolyreelError `invalid` that names every wrong entry by line; it quotes no values, which may be keys in the wrong place.
 */
export function parseEntries<S>(
  file: string,
  text: string,
  terms: SettingsTerms,
  read: (name: string, entry: unknown, reading: SettingsReading) => S | undefined,
): ReadonlyMap<string, S> {
  const { yaml, problems } = parsePlainYaml(file, text);
  if (!yaml) throw wrong(problems, terms);
  const reading = new SettingsReading(yaml);
  const found = new Map<string, S>();
  for (const [name, entry] of Object.entries(yaml.value === undefined ? {} : reading.fields(yaml.value, ""))) {
    const { isName, remedy } = terms.names ?? WORDS;
    if (!isName(name)) {
      reading.refuse(name, `${JSON.stringify(name.slice(0, 40))} can't be a ${terms.singular}'s name.`, remedy);
      continue;
    }
    const settings = read(name, entry, reading);
    if (settings !== undefined) found.set(name, settings);
  }
  if (reading.problems.length > 0) throw wrong(reading.problems, terms);
  return found;
}

function wrong(problems: readonly Problem[], { plural, variable }: SettingsTerms): PolyreelError {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ what, where, remedy }) => {
    const line = where?.line === undefined ? "" : `:${where.line}`;
    return `${where?.file ?? ""}${line}: ${what}${remedy ? ` ${remedy}` : ""}`;
  });
  const more = problems.length > shown.length ? ` And ${problems.length - shown.length} more.` : "";
  return new PolyreelError("invalid", {
    reason: `The file of ${plural} is not right. ${shown.join(" ")}${more}`,
    remedy: `Correct the file that ${variable} names.`,
  });
}
