import { sourcesOf } from "./print-sources.js";
import { type SourcesContext, usage } from "./sources-context.js";

const LEAST_DIGITS = 6;

/** The hash of the one source whose hash begins with these digits. */
export async function fullHash(digits: string, context: SourcesContext): Promise<string> {
  const begin = digits.toLowerCase().replace(/^sha256:/, "");
  if (/^[0-9a-f]{64}$/.test(begin)) return begin;
  if (!/^[0-9a-f]+$/.test(begin) || begin.length < LEAST_DIGITS) {
    throw usage(
      `${JSON.stringify(digits.slice(0, 80))} is not the hash of a source.`,
      `Give at least its first ${LEAST_DIGITS} digits, as polyreel sources list prints them.`,
    );
  }
  const found: string[] = [];
  for await (const { sha256 } of sourcesOf(context, { labels: [], orderBy: "sha256" })) {
    if (sha256.startsWith(begin)) found.push(sha256);
    if (sha256.slice(0, begin.length) > begin) break;
  }
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  throw first === undefined
    ? usage(`There is no source whose hash begins with ${begin}.`, "See polyreel sources list.")
    : usage(`Several sources begin with ${begin}.`, "Give more digits.");
}
