import { dirname, resolve } from "node:path";
import type { Source } from "@polyreel/contract";
import type { BatchFile } from "../batch-file/read.js";
import { type Fingerprint, fingerprint } from "./fingerprint.js";

/** Makes a file's bytes known to where the batch is made. Called once a file. */
export type PutSource = (file: Fingerprint, signal: AbortSignal) => Promise<void>;

/** Files are read by the disk and hashed by the CPU: two at a time keep both busy. */
const AT_ONCE = 2;

/**
 * Puts the files that a batch names where it is made, each once, and writes their hashes into the batch. A file that can't
 * be read is written in as such: the combinations that need it fail, the others are made.
 */
export async function bindSources(batchFile: BatchFile, put: PutSource, signal: AbortSignal): Promise<void> {
  const folder = dirname(resolve(batchFile.path));
  const uses = new Map<string, Source[]>();
  for (const { path, message } of batchFile.sources) {
    const file = resolve(folder, path);
    uses.set(file, [...(uses.get(file) ?? []), message]);
  }
  const files = uses.entries();
  const work = async () => {
    for (const [path, messages] of files) {
      const location = await putFile(path, put, signal);
      for (const message of messages) message.location = location;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function putFile(path: string, put: PutSource, signal: AbortSignal) {
  const found = await fingerprint(path, signal);
  if ("unreadable" in found) return { case: "unreadable", value: found.unreadable } as const;
  await put(found, signal);
  return { case: "sha256", value: found.sha256 } as const;
}
