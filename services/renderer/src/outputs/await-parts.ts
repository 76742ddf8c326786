import type { Combination, PartIndex } from "@polyreel/contract";
import type { PartStore } from "@polyreel/parts";
import type { JoinedKind, PartRef } from "@polyreel/parts/kinds";
import { PolyreelError } from "@polyreel/platform";
import { linkSpan } from "@polyreel/platform/telemetry";
import type { Renderer } from "../service.js";
import type { OutputWork } from "./output-work.js";

/**
 * Waits until parts exist; a part's failure becomes the combination's, by default with its block and choice in this
 * combination.
 */
export async function awaitParts(
  { planned: { fact }, combination: { clips }, work: { signal }, wait }: OutputWork,
  needed: readonly PartRef[],
  parts: PartStore,
  { awaited }: Renderer,
  blame = (error: unknown, { hash }: PartRef): unknown => withClipPlace(error, hash, clips),
): Promise<void> {
  const { batchId, again } = fact;
  const waiting = { batchId, again, attempt: Math.max(1, fact.attempt), madeAfter: Number(fact.partsAfter) };
  await awaited.exist(parts, needed, waiting, { signal, wait }, blame);
}

/** Several blocks may share a clip: names the one of this combination. Failures of a text over it keep their block. */
function withClipPlace(error: unknown, hash: string, clips: Combination["clips"]): unknown {
  const place = clips.find((clip) => clip.hash === hash);
  if (!place || !(error instanceof PolyreelError)) return error;
  if (!clips.some((clip) => clip.block === error.failure.block)) return error;
  const { block, choice } = place;
  const { reason, remedy, code } = error.failure;
  return new PolyreelError(error.code, { block, choice, reason, remedy, code }, { cause: error, outage: error.outage });
}

/** The index of an existing part; one that was lost meanwhile or is damaged is requested again. */
export async function readIndex<K extends JoinedKind>(
  { planned: { fact }, work: { span }, used }: OutputWork,
  kind: K,
  hash: string,
  parts: PartStore,
  { awaited }: Renderer,
) {
  const index = await awaited.index(parts, { kind, hash }, fact);
  linkSpan(span, [index.traceparent]);
  used(hash, index.coreSeconds);
  return index.kind.value as Extract<PartIndex["kind"], { case: K }>["value"];
}
