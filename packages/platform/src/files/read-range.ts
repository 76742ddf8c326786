import { open } from "node:fs/promises";

/** Bytes `start` to `end` of a file, or to its end if that is earlier. Throws the file system's error. */
export async function readRange(path: string, start: number, end: number): Promise<Buffer> {
  await using file = await open(path, "r");
  const range = Buffer.allocUnsafe(end - start);
  let filled = 0;
  while (filled < range.length) {
    const { bytesRead } = await file.read(range, filled, range.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return range.subarray(0, filled);
}
