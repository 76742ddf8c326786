import { setTimeout as delay } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { CancelBatchRequestSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { cancelBatch } from "../../batches/cancel-batch.js";
import { deleteBatch } from "../../batches/delete-batch.js";
import { isLive } from "../../read-model/status.js";
import type { RestDeps } from "../deps.js";
import type { RestCall } from "../rest-call.js";
import type { Job } from "./find-job.js";

/** How long its services may take to release a cancelled batch. */
const TIMEOUT_MS = 20_000;
const POLL_MS = 100;

/**
 * Deletes a video with everything made of it, also while it is processed. The bytes of its file may belong to others; those that
 * nobody uses are removed with the unused sources. A client that asks again continues where this ended. Throws PolyreelError
 * `unavailable` if services do not release it in time.
 */
export async function removeVideo(deps: RestDeps, { id, batch }: Job, call: RestCall): Promise<void> {
  const request = create(CancelBatchRequestSchema, { batchId: id });
  if (isLive(batch.status.state)) await cancelBatch(deps)(request, { ...call, principal: { kind: "local" } });
  for (const until = Date.now() + TIMEOUT_MS; ; ) {
    try {
      await deleteBatch(deps, id, call);
      return;
    } catch (error) {
      const ending = error instanceof PolyreelError && error.code === "unavailable";
      if (!ending || Date.now() > until) throw error;
    }
    await delay(POLL_MS, undefined, { signal: call.signal });
  }
}
