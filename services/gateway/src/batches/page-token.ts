import { createHash } from "node:crypto";
import { PolyreelError } from "@polyreel/platform";

/** The end of a page: its sort keys there, and a tie-breaker. */
export type Place = readonly (string | number | null)[];

/**
 * A page's token: its position, not an offset, so that pages neither repeat nor skip unchanged items while others
 * change; and a digest of the query.
 */
export const pageToken = (query: unknown, place: Place): string =>
  Buffer.from(JSON.stringify([queryMark(query), ...place])).toString("base64url");

/**
 * The position after the previous page; undefined without a token. Throws PolyreelError `invalid` for an invalid token,
 * and for one of another query.
 */
export function readPageToken(token: string, query: unknown): Place | undefined {
  if (token === "") return undefined;
  const [mark, ...place] = parsed(token);
  if (mark !== queryMark(query)) {
    throw wrong(
      "This page token belongs to another list: the filter or the order differs.",
      "Ask with the same filter and order as for the page before, or from the beginning, without a token.",
    );
  }
  return place;
}

/** For a position of an unexpected form; tokens are not signed. */
export const foreignToken = (): PolyreelError =>
  wrong("That is no page token of this call.", "Give next_page_token of the page before, as it was.");

function parsed(token: string): Place {
  try {
    const read: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    if (Array.isArray(read) && typeof read[0] === "string") return read;
  } catch {}
  throw foreignToken();
}

const queryMark = (query: unknown): string =>
  createHash("sha256").update(JSON.stringify(query)).digest("base64url").slice(0, 11);

const wrong = (reason: string, remedy: string): PolyreelError =>
  new PolyreelError("invalid", { field: "page_token", reason, remedy });
