import { setTimeout as delay } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { type RebuildReadModelResponse, RebuildReadModelResponseSchema } from "@polyreel/contract";
import type { BatchDeps } from "../batches/deps.js";

const TELL_MS = 250;

/** Makes the read model read the stream again, and streams the progress. The rebuild continues if the client leaves. */
export async function* rebuildReadModel(
  { model, broker }: Pick<BatchDeps, "model" | "broker">,
  signal: AbortSignal,
): AsyncGenerator<RebuildReadModelResponse> {
  broker.assertThere();
  let done = false;
  const rebuilding = model.rebuild(signal).finally(() => {
    done = true;
  });
  rebuilding.catch(() => {}); // Handled below.
  while (!done) {
    yield progressMessage(model.progress);
    await Promise.race([rebuilding, delay(TELL_MS, undefined, { signal })]);
  }
  await rebuilding;
  yield progressMessage(model.progress);
}

const progressMessage = ({ sequence, past }: BatchDeps["model"]["progress"]): RebuildReadModelResponse =>
  create(RebuildReadModelResponseSchema, { sequence: BigInt(Math.min(sequence, past)), lastSequence: BigInt(past) });
