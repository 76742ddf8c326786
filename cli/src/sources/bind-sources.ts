import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Source } from "@polyreel/contract";
import type { BatchFile, SourceUse } from "@polyreel/spec/batch-file";
import { type Fingerprint, fingerprint } from "./fingerprint.js";

/** Makes a file available where the batch is made. Called once per file. */
export type PutSource = (file: Fingerprint, signal: AbortSignal) => Promise<unknown>;

type Found = Fingerprint | { readonly unreadable: string };

/** Attempts to read a file that changes meanwhile. */
const MAX_READS = 3;
/** Reading is bound by the disk, hashing by the CPU: two at a time keep both busy. */
const CONCURRENCY = 2;

/**
 * Transfers the files that a batch names, each once, and writes their hashes into the batch. An unreadable file is
 * marked as such: combinations that need it fail, the others are made.
 */
export async function bindSources(batchFile: BatchFile, put: PutSource, signal: AbortSignal): Promise<void> {
  const folder = dirname(resolve(batchFile.path));
  const uses = new Map<string, SourceUse[]>();
  for (const use of batchFile.sources) {
    const file = resolve(folder, use.path);
    uses.set(file, [...(uses.get(file) ?? []), use]);
  }
  const files = uses.entries();
  const work = async () => {
    for (const [path, sameFile] of files) {
      const found = await putWhole(path, put, signal);
      for (const use of sameFile) use.message.location = locationOf(found, use);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

/**
 * Hashes a file and transfers it. The receiver hashes it too; if the hashes differ, the file changed in between, and
 * both steps are repeated.
 */
export async function putWhole(path: string, put: PutSource, signal: AbortSignal): Promise<Found> {
  for (let read = 0; read < MAX_READS; read++) {
    const found = await fingerprint(path, signal);
    if (!("sha256" in found)) return found;
    try {
      await put(found, signal);
      return found;
    } catch (error) {
      if (signal.aborted || (await isUnchanged(found))) throw error;
    }
  }
  return { unreadable: "The file keeps changing while it is read." };
}

async function isUnchanged({ path, sizeBytes, mtimeMs }: Fingerprint): Promise<boolean> {
  const now = await stat(path).catch(() => undefined);
  return now?.size === sizeBytes && now.mtimeMs === mtimeMs;
}

function locationOf(found: Found, { path }: SourceUse): Source["location"] {
  if ("sha256" in found) return { case: "sha256", value: found.sha256 };
  // Limited by the contract; the end of a path distinguishes files best.
  return { case: "unreadable", value: `${JSON.stringify(path.slice(-500))}: ${found.unreadable}` };
}
