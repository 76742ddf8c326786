import { createHash } from "node:crypto";
import { PolyreelError } from "../errors.js";

/** Counts and hashes the bytes that pass, and stops them beyond `maxBytes`. */
export interface Meter {
  readonly sizeBytes: number;
  pass(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** After the last byte. Throws PolyreelError `invalid` where the bytes are not those of `sha256`. */
  check(): void;
}

export function meter({ sha256, maxBytes = Number.POSITIVE_INFINITY }: { sha256?: string; maxBytes?: number }): Meter {
  const hash = sha256 === undefined ? undefined : createHash("sha256");
  let sizeBytes = 0;
  return {
    get sizeBytes() {
      return sizeBytes;
    },
    async *pass(bytes) {
      for await (const chunk of bytes) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > maxBytes) {
          throw new PolyreelError("invalid", {
            reason: `It is larger than ${maxBytes} bytes.`,
            remedy: "Send a smaller file, or raise the limit.",
          });
        }
        hash?.update(chunk);
        yield chunk;
      }
    },
    check() {
      const found = hash?.digest("hex");
      if (found !== sha256) {
        throw new PolyreelError("invalid", {
          reason: `The bytes have the SHA-256 ${found}, not ${sha256}.`,
          remedy: "Send the file again; it may have changed on the way.",
        });
      }
    },
  };
}
