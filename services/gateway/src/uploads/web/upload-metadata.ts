import { PolyreelError } from "@polyreel/platform";

const PAIR = /^([^\s,]+)(?: ([A-Za-z0-9+/]*={0,2}))?$/;
const MAX_PAIRS = 50;

/**
 * Parses `Upload-Metadata`: keys with values in base64, separated by commas. Throws PolyreelError `invalid`.
 * Format: https://tus.io/protocols/resumable-upload#upload-metadata
 */
export function parseMetadata(header: string): ReadonlyMap<string, string> {
  const pairs = header.trim() === "" ? [] : header.split(",");
  if (pairs.length > MAX_PAIRS) throw wrong(`It has more than ${MAX_PAIRS} values.`);
  return new Map(
    pairs.map((pair) => {
      const [, key, value = ""] = PAIR.exec(pair.trim()) ?? [];
      if (key === undefined)
        throw wrong(`${JSON.stringify(pair.trim().slice(0, 80))} is no key with a value in base64.`);
      return [key, decoded(value)];
    }),
  );
}

function decoded(base64: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(base64, "base64"));
  } catch {
    throw wrong("A value is not UTF-8.");
  }
}

const wrong = (reason: string): PolyreelError =>
  new PolyreelError("invalid", {
    field: "Upload-Metadata",
    reason,
    remedy: "Write it as in Upload-Metadata: filename Y2xpcC5tcDQ=,title U3ByaW5n.",
  });
