import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { blobInfo } from "./blob-info.js";
import { isKey } from "./keys.js";
import type { BlobInfo } from "./store.js";

/** Number of files whose status is read concurrently. */
const AT_ONCE = 64;

interface Listing {
  /** The store's folder. */
  readonly root: string;
  readonly prefix: string;
  readonly after: string;
  /** Whether a name right below the root belongs to the store. */
  readonly isOwn: (name: string) => boolean;
  /** For `catch`: undefined for missing objects. */
  readonly absent: (error: unknown) => Promise<undefined>;
  readonly signal: AbortSignal | undefined;
}

/** Objects of a folder whose keys begin with a prefix, ascending by key, a folder's names in memory at a time. */
export async function* listFolder(listing: Listing): AsyncGenerator<BlobInfo> {
  const { prefix } = listing;
  yield* listBelow(prefix.slice(0, prefix.lastIndexOf("/") + 1), listing);
}

/** `folder`: prefix of the keys in it; it ends in "/", or is empty. */
async function* listBelow(folder: string, listing: Listing): AsyncGenerator<BlobInfo> {
  const names = await namesIn(folder, listing);
  let files: string[] = [];
  for (const name of names) {
    const isFolder = name.endsWith("/");
    if (!isFolder) files.push(name);
    if (files.length === AT_ONCE || (isFolder && files.length > 0)) {
      yield* infosOf(files, listing);
      files = [];
    }
    if (isFolder) yield* listBelow(name, listing);
  }
  yield* infosOf(files, listing);
}

/** In the order of keys: a folder's name sorts with a trailing "/". */
async function namesIn(
  folder: string,
  { root, prefix, after, isOwn, absent, signal }: Listing,
): Promise<readonly string[]> {
  signal?.throwIfAborted();
  const names: string[] = [];
  const entries = await opendir(join(root, folder)).catch(absent);
  if (!entries) return names;
  for await (const entry of entries) {
    signal?.throwIfAborted();
    if (folder === "" && !isOwn(entry.name)) continue;
    const key = folder + entry.name;
    if (!isKey(key)) continue;
    if (entry.isFile()) {
      if (key.startsWith(prefix) && key > after) names.push(key);
    } else if (entry.isDirectory()) {
      const below = `${key}/`;
      const mayHold = below.startsWith(prefix) || prefix.startsWith(below);
      if (mayHold && (below > after || after.startsWith(below))) names.push(below);
    }
  }
  return names.sort();
}

async function* infosOf(keys: readonly string[], { root, absent, signal }: Listing): AsyncGenerator<BlobInfo> {
  signal?.throwIfAborted();
  const found = await Promise.all(keys.map((key) => stat(join(root, key), { bigint: true }).catch(absent)));
  for (const [i, key] of keys.entries()) {
    const status = found[i];
    if (!status?.isFile()) continue; // Removed meanwhile.
    signal?.throwIfAborted();
    yield blobInfo(key, status);
  }
}
