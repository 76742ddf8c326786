import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Size in bytes and SHA-256 (hexadecimal) of a payload. */
export interface PayloadDigest {
  sizeBytes: number;
  sha256: string;
}

export const digestBytes = (bytes: Uint8Array): PayloadDigest => ({
  sizeBytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});

/** Reads the file once, in constant memory. Throws the file system's error. */
export const digestFile = (path: string, signal?: AbortSignal): Promise<PayloadDigest> =>
  digestStream(createReadStream(path, { highWaterMark: 1 << 20, ...(signal && { signal }) }));

/** The same of a stream. Throws its error. */
export async function digestStream(bytes: AsyncIterable<Uint8Array>): Promise<PayloadDigest> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}
