import { createRequire } from "node:module";
import { Code, ConnectError } from "@connectrpc/connect";
import { PolyreelError } from "@polyreel/platform";
import type { Presets } from "@polyreel/spec";
import { sentPresets } from "../../server/large-requests/presets-for-thread.js";
import { WorkThread } from "../../server/large-requests/work-thread.js";
import type { JobText, ReadJob } from "./job.js";

const WORKER = createRequire(import.meta.url).resolve("@polyreel/gateway/jobs/read/worker.js");

/** Reads jobs in a separate thread: a batch of a megabyte takes half a second. */
export class JobThread {
  readonly #thread: WorkThread<JobText, ReadJob>;

  constructor(presets: Presets) {
    this.#thread = new WorkThread(WORKER, undefined, sentPresets(presets));
  }

  /** Throws PolyreelError `invalid` if it takes too long or too much memory, and `unavailable` if the thread is gone. */
  async read(text: JobText): Promise<ReadJob> {
    try {
      const read = await this.#thread.ask(text, () => true);
      if (read) return read;
    } catch (error) {
      const { code, rawMessage } = ConnectError.from(error);
      if (code === Code.ResourceExhausted) throw new PolyreelError("invalid", rawMessage, { cause: error });
      if (code === Code.Unavailable) throw new PolyreelError("unavailable", rawMessage, { cause: error });
      throw error;
    }
    throw new PolyreelError("unavailable", "The job was not read.");
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
