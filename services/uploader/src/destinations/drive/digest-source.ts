import { createHash } from "node:crypto";
import type { Source } from "../source.js";
import type { Digest } from "./drive-receipt.js";

/**
 * Reads a file's bytes once, for its checksums: they are part of the receipt, which is created together with the file
 * and so before Google has computed them.
 */
export async function digestOf(source: Source, signal: AbortSignal): Promise<Digest> {
  const sha = createHash("sha256");
  const md = createHash("md5");
  let sizeBytes = 0;
  for await (const chunk of source.read(signal)) {
    signal.throwIfAborted();
    sha.update(chunk);
    md.update(chunk);
    sizeBytes += chunk.byteLength;
  }
  signal.throwIfAborted();
  const sha256 = sha.digest("hex");
  return { sizeBytes, sha256, md5: md.digest("hex"), content: source.content ?? sha256 };
}
