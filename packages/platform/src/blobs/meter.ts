import { createHash } from "node:crypto";
import { PolyreelError } from "../errors.js";

/** Counts and hashes passing bytes, and throws beyond `maxBytes`. */
export interface Meter {
  readonly sizeBytes: number;
  pass(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** To be called after the last byte; returns their SHA-256. Throws PolyreelError `invalid` if another one is expected. */
  finish(): string;
}

export function meter({ sha256, maxBytes = Number.POSITIVE_INFINITY }: { sha256?: string; maxBytes?: number }): Meter {
  const hash = createHash("sha256");
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
        hash.update(chunk);
        yield chunk;
      }
    },
    finish() {
      const found = hash.digest("hex");
      if (sha256 !== undefined && found !== sha256) {
        throw new PolyreelError("invalid", {
          reason: `The bytes have the SHA-256 ${found}, not ${sha256}.`,
          remedy: "Send the file again; it may have changed on the way.",
        });
      }
      return found;
    },
  };
}
