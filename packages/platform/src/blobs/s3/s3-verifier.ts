import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { PART_BYTES_HEADER, SHA256_HEADER } from "./s3-objects.js";

/** Verifies the bytes of a whole object against the checksum recorded when it was written. */
export interface Verifier {
  add(chunk: Uint8Array): void;
  /** To be called after the last byte. */
  isRight(): boolean;
}

/** Undefined if the object has no such checksum: another program wrote it, or the server stores none. */
export function verifierOf(headers: IncomingHttpHeaders): Verifier | undefined {
  const whole = headers[SHA256_HEADER];
  if (typeof whole === "string") return wholeVerifier(whole);
  const [, ofParts, count] = /^([A-Za-z0-9+/]{43}=)-(\d+)$/.exec(String(headers["x-amz-checksum-sha256"] ?? "")) ?? [];
  const partBytes = Number(headers[PART_BYTES_HEADER]);
  return ofParts && partBytes > 0 ? partsVerifier(ofParts, Number(count), partBytes) : undefined;
}

function wholeVerifier(expected: string): Verifier {
  const hash = createHash("sha256");
  return {
    add: (chunk) => void hash.update(chunk),
    isRight: () => hash.digest("hex") === expected,
  };
}

/** S3's checksum of a multipart object: the SHA-256 of its parts' SHA-256, concatenated. */
function partsVerifier(expected: string, count: number, partBytes: number): Verifier {
  const parts = createHash("sha256");
  let part = createHash("sha256");
  let inPart = 0;
  let finished = 0;
  const finishPart = () => {
    parts.update(part.digest());
    part = createHash("sha256");
    inPart = 0;
    finished++;
  };
  return {
    add(chunk) {
      for (let at = 0; at < chunk.byteLength; ) {
        const end = Math.min(chunk.byteLength, at + partBytes - inPart);
        part.update(chunk.subarray(at, end));
        inPart += end - at;
        at = end;
        if (inPart === partBytes) finishPart();
      }
    },
    isRight() {
      if (inPart > 0) finishPart();
      return finished === count && parts.digest("base64") === expected;
    },
  };
}
