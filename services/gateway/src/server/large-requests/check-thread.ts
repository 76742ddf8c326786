import { createRequire } from "node:module";
import { errorFromJson } from "@connectrpc/connect/protocol-connect";
import { builtInPresets, type Presets } from "@polyreel/spec";
import type { RawRequest, Verdict } from "./check-messages.js";
import { sentPresets } from "./presets-for-thread.js";
import { failed, type ThreadBounds, WorkThread } from "./work-thread.js";

const WORKER = createRequire(import.meta.url).resolve("@polyreel/gateway/server/large-requests/worker.js");

/** Decodes and checks requests in a separate thread. */
export class CheckThread {
  readonly #thread: WorkThread<RawRequest, Verdict>;

  constructor(presets: Presets = builtInPresets, bounds?: ThreadBounds) {
    this.#thread = new WorkThread(WORKER, bounds, sentPresets(presets));
  }

  /** Throws the ConnectError to answer with if invalid. `isWanted`: whether the caller still waits. */
  async check(request: RawRequest, isWanted: () => boolean): Promise<void> {
    const verdict = await this.#thread.ask(request, isWanted);
    if (verdict?.error !== undefined) throw errorFromJson(verdict.error, undefined, failed());
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
