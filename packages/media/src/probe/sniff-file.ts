import { open } from "node:fs/promises";
import { PolyreelError } from "@polyreel/platform";
import { SNIFFED_BYTES, type Sniffed, sniff } from "./sniff.js";

/** Identifies a file by its first bytes. Throws PolyreelError `not_found`, `unavailable`. */
export async function sniffFile(path: string): Promise<Sniffed> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw new PolyreelError("not_found", "The file does not exist.", { cause });
    throw new PolyreelError("unavailable", `The file cannot be opened (${cause.code}).`, { cause });
  });
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
    return sniff(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
