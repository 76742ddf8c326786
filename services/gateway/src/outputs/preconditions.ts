import type { IncomingHttpHeaders } from "node:http";

/** Validators of a representation. */
export interface Validators {
  /** Strong, including quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}

export type Verdict = "proceed" | "not-modified" | "failed";

/** Evaluates the conditions of a GET or HEAD, in the order of RFC 9110, section 13.2.2. Pure. */
export function preconditions(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): Verdict {
  // HTTP dates have a resolution of seconds.
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
 * Whether a Range header applies according to If-Range: only with exactly this representation. A date never guarantees
 * that (section 8.8.2.2), and the whole is always a correct response.
 */
export const rangeCounts = (ifRange: string | string[] | undefined, etag: string): boolean =>
  ifRange === undefined || String(ifRange).trim() === etag;

/** Whether a list of entity tags contains this strong one, or is "*". */
function names(list: string, etag: string, { weakly }: { weakly: boolean }): boolean {
  if (list.trim() === "*") return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag === etag || (weakly && tag === `W/${etag}`));
}

/** A date in seconds since 1970; NaN, which compares with nothing, if there is none. */
const seconds = (date: string | undefined): number => Math.floor(Date.parse(date ?? "") / 1000);
