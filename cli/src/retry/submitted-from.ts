import { createHash } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/** A batch of a server. */
interface SubmittedBatch {
  /** The server's URL: another one may have a batch with the same id. */
  readonly server: string;
  readonly batchId: string;
}

/**
 * Remembers on this machine which file a batch was submitted from, for retries that look for its files. The server is not
 * asked for paths: a batch of somebody else could name any file here.
 */
export class SubmittedFrom {
  constructor(private readonly folder: string) {}

  /** Without effect if the folder can't be written to: `--file` can name the batch file. */
  async remember(batch: SubmittedBatch, batchFile: string): Promise<void> {
    try {
      if (!(await stat(batchFile)).isFile()) return; // A pipe can't be read twice.
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeFile(this.#pathOf(batch), resolve(batchFile), { mode: 0o600 });
    } catch {}
  }

  /** Absolute path of the batch file; undefined if it is not known here. */
  async recall(batch: SubmittedBatch): Promise<string | undefined> {
    return readFile(this.#pathOf(batch), "utf8").catch(() => undefined);
  }

  #pathOf({ server, batchId }: SubmittedBatch): string {
    return join(this.folder, createHash("sha256").update(`${server}\n${batchId}`).digest("hex"));
  }
}
