import { s3SourceOf } from "@polyreel/contract";

const MAX_SHOWN = 200;

/**
 * A URL for messages: host and path, long ones cut in the middle. The query, the fragment, user and password are always
 * removed, because a signed URL is a key. An object is shown as `s3://bucket/key`.
 */
export function shownUrl(url: string | URL): string {
  const object = s3SourceOf(url.toString());
  if (object) return cut(`s3://${object.bucket}/${object.key}`);
  const parsed = parse(url);
  if (!parsed) return "an address that can't be read";
  return cut(parsed.host + (parsed.pathname === "/" ? "" : parsed.pathname));
}

function cut(shown: string): string {
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN / 2)}…${shown.slice(-MAX_SHOWN / 2)}` : shown;
}

/** File name of a URL: the last segment of its path, or else the host or bucket. */
export function fileNameOf(url: string | URL): string {
  const object = s3SourceOf(url.toString());
  if (object) return object.key.split("/").findLast(Boolean)?.slice(-MAX_SHOWN) || object.bucket;
  const parsed = parse(url);
  if (!parsed) return "";
  const last = parsed.pathname.split("/").findLast(Boolean) ?? "";
  return decoded(last).slice(-MAX_SHOWN) || parsed.host;
}

const parse = (url: string | URL): URL | undefined => (URL.canParse(url.toString()) ? new URL(url) : undefined);

/** Percent-decoded, unless that is no valid text or contains control characters. */
function decoded(segment: string): string {
  try {
    const text = decodeURIComponent(segment);
    return /\p{Cc}/u.test(text) ? segment : text;
  } catch {
    return segment;
  }
}
