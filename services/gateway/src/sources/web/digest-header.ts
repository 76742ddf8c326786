import type { IncomingHttpHeaders } from "node:http";
import { PolyreelError } from "@polyreel/platform";

const HEADERS = ["repr-digest", "content-digest"] as const;
const SHA256 = /(?:^|,)\s*sha-256\s*=\s*(:[^,;]*)/;
/** 32 bytes in base64. */
const VALUE = /^:([A-Za-z0-9+/]{43}=):\s*$/;

/**
 * SHA-256 (hexadecimal) that a request states of its body; undefined if it states none. Throws PolyreelError `invalid` for
 * one that is none, and for two that differ. Format: https://www.rfc-editor.org/rfc/rfc9530
 */
export function digestOf(headers: IncomingHttpHeaders): string | undefined {
  const stated = HEADERS.flatMap((name) => {
    const [, value] = SHA256.exec(headers[name]?.toString() ?? "") ?? [];
    return value === undefined ? [] : [{ name, value }];
  });
  const digests = stated.map(({ name, value }) => {
    const [, base64] = VALUE.exec(value) ?? [];
    if (base64 === undefined) throw wrong(name, `${JSON.stringify(value.slice(0, 80))} is not a SHA-256.`);
    return Buffer.from(base64, "base64").toString("hex");
  });
  const [first, second] = digests;
  if (second !== undefined && second !== first) throw wrong(HEADERS[1], "The two digests of the request differ.");
  return first;
}

const wrong = (field: string, reason: string): PolyreelError =>
  new PolyreelError("invalid", {
    field,
    reason,
    remedy: "Write it as in Repr-Digest: sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:, or leave it out.",
  });
