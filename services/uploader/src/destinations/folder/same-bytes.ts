import { open } from "node:fs/promises";

const BLOCK_BYTES = 1 << 20;

/** Whether two files have the same bytes, in constant memory. */
export async function haveSameBytes(one: string, other: string, signal: AbortSignal): Promise<boolean> {
  await using a = await open(one);
  await using b = await open(other);
  if ((await a.stat()).size !== (await b.stat()).size) return false;
  const [left, right] = [Buffer.allocUnsafe(BLOCK_BYTES), Buffer.allocUnsafe(BLOCK_BYTES)];
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead } = await a.read(left, 0, BLOCK_BYTES, position);
    if (bytesRead === 0) return true;
    for (let read = 0; read < bytesRead; ) {
      const more = await b.read(right, read, bytesRead - read, position + read);
      if (more.bytesRead === 0) return false;
      read += more.bytesRead;
    }
    if (!left.subarray(0, bytesRead).equals(right.subarray(0, bytesRead))) return false;
    position += bytesRead;
  }
}
