import { PolyreelError } from "../errors.js";
import type { BlobStore, ByteRange, Io } from "./store.js";

/** Reads a small object, or a range of one. Throws PolyreelError `not_found`. */
export async function readBytes(
  store: Pick<BlobStore, "read">,
  key: string,
  io?: Io & { readonly range?: ByteRange },
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(key, io)) chunks.push(chunk);
  const [only] = chunks;
  if (chunks.length === 1 && Buffer.isBuffer(only)) return only;
  return Buffer.concat(chunks);
}

/** The same; undefined if the key does not exist. */
export async function readBytesIfAny(
  store: Pick<BlobStore, "read">,
  key: string,
  io?: Io,
): Promise<Buffer | undefined> {
  try {
    return await readBytes(store, key, io);
  } catch (error) {
    if (error instanceof PolyreelError && error.code === "not_found") return undefined;
    throw error;
  }
}
