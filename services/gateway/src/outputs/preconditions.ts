import type { IncomingHttpHeaders } from "node:http";

/** What tells one representation from another. */
export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

export type Verdict = "proceed" | "not-modified" | "failed";

/** What becomes of a GET or HEAD with these conditions, in the order that RFC 9110, section 13.2.2, has. Pure. */
export function preconditions(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): Verdict {
  // HTTP's dates have seconds.
  const modified = Math.floor(lastModified.getTime() / 1000);
  const match = headers["if-match"];
  if (match !== undefined) {
    if (!names(match, etag, { weakly: false })) return "failed";
  } else if (modified > seconds(headers["if-unmodified-since"])) {
    return "failed";
  }
  const noneMatch = headers["if-none-match"];
  if (noneMatch !== undefined) return names(noneMatch, etag, { weakly: true }) ? "not-modified" : "proceed";
  return modified <= seconds(headers["if-modified-since"]) ? "not-modified" : "proceed";
}

/**
 * Whether a Range header counts, as If-Range has it: only with exactly this representation. A date never says that for
 * sure (section 8.8.2.2), and all of it is always a right answer.
 */
export const rangeCounts = (ifRange: string | string[] | undefined, etag: string): boolean =>
  ifRange === undefined || String(ifRange).trim() === etag;

/** Whether a list of entity tags has this strong one, or is "*". */
function names(list: string, etag: string, { weakly }: { weakly: boolean }): boolean {
  if (list.trim() === "*") return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag === etag || (weakly && tag === `W/${etag}`));
}

/** A date in seconds since 1970; NaN, which compares with nothing, where there is none. */
const seconds = (date: string | undefined): number => Math.floor(Date.parse(date ?? "") / 1000);
