import { dirname, resolve } from "node:path";
import type { Source } from "@polyreel/contract";
import type { BatchFile } from "../batch-file/read.js";
import type { SourceUse } from "../batch-file/reading.js";
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
  const uses = new Map<string, SourceUse[]>();
  for (const use of batchFile.sources) {
    const file = resolve(folder, use.path);
    uses.set(file, [...(uses.get(file) ?? []), use]);
  }
  const files = uses.entries();
  const work = async () => {
    for (const [path, sameFile] of files) {
      const found = await fingerprint(path, signal);
      if ("sha256" in found) await put(found, signal);
      for (const use of sameFile) use.message.location = locationOf(found, use);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

function locationOf(found: Fingerprint | { unreadable: string }, { path }: SourceUse): Source["location"] {
  if ("sha256" in found) return { case: "sha256", value: found.sha256 };
  // The contract's limit; what tells files apart is at the end.
  return { case: "unreadable", value: `${JSON.stringify(path.slice(-500))}: ${found.unreadable}` };
}
