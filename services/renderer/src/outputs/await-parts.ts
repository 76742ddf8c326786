import type { Combination } from "@polyreel/contract";
import type { PartStore } from "@polyreel/parts";
import { labelOf } from "@polyreel/parts/kinds";
import { PolyreelError } from "@polyreel/platform";
import { linkSpan } from "@polyreel/platform/telemetry";
import type { AwaitedPart } from "../part-board.js";
import type { Renderer } from "../service.js";
import type { OutputWork, Planned } from "./output-work.js";

type Kind = "clip" | "sound";

/** Parts of a combination by kind and hash. */
export interface NeededPart {
  readonly kind: Kind;
  readonly hash: string;
}

/**
 * Waits until parts are there; a part's failure becomes the combination's, with the block and choice it has here. What one that
 * is planned again lacks is asked for again.
 */
export async function awaitParts(
  { planned: { fact }, combination: { clips }, work: { signal }, wait }: OutputWork,
  needed: readonly NeededPart[],
  parts: PartStore,
  renderer: Renderer,
): Promise<void> {
  const { board, requests } = renderer;
  const { batchId, again } = fact;
  const attempt = Math.max(1, fact.attempt);
  const partsAfter = Number(fact.partsAfter);
  // What this process has seen is taken to be there: whoever reads its bytes finds out, and has it planned again.
  const isThere = async (part: AwaitedPart) => {
    if (partsAfter > 0) return renderer.remade.has(part, partsAfter);
    return (!again && parts.knows(part.kind, part.hash)) || (await parts.has(part.kind, part.hash));
  };
  const awaited = needed.map((part) => ({ batchId, attempt, ...part }));
  const present = await Promise.all(awaited.map(isThere));
  const missing = awaited.filter((_, i) => !present[i]);
  if (missing.length === 0) return;
  await wait(async () => {
    if (again && partsAfter === 0) await Promise.all(missing.map((part) => requests.again(part)));
    for (const part of awaited) {
      await board
        .waitUntil(() => isThere(part), part, signal)
        .catch((error: unknown) => {
          throw inThisPlace(error, part.hash, clips);
        });
    }
  });
}

/** A clip may be that of several blocks; a text over it is named as it is. */
function inThisPlace(error: unknown, hash: string, clips: Combination["clips"]): unknown {
  const place = clips.find((clip) => clip.hash === hash);
  if (!place || !(error instanceof PolyreelError)) return error;
  if (!clips.some((clip) => clip.block === error.failure.block)) return error;
  const { block, choice } = place;
  const { reason, remedy, code } = error.failure;
  return new PolyreelError(error.code, { block, choice, reason, remedy, code }, { cause: error, outage: error.outage });
}

/** The index of a part that is there; one that was lost a moment ago, or damaged, is asked for again. */
export async function readIndex<K extends Kind>(
  { planned, work: { span } }: OutputWork,
  kind: K,
  hash: string,
  parts: PartStore,
  renderer: Renderer,
) {
  const index = await parts.index(kind, hash);
  if (index?.kind.case !== kind) return lost(planned, kind, hash, renderer);
  linkSpan(span, [index.traceparent]);
  return index.kind.value as Extract<typeof index.kind, { case: K }>["value"];
}

/** It is made again, and then waited for. */
async function lost({ batchId, fact }: Planned, kind: Kind, hash: string, { requests }: Renderer): Promise<never> {
  await requests.again({ batchId, kind, hash, attempt: fact.attempt + 1 });
  throw new PolyreelError("unavailable", `A ${labelOf(kind)} is missing from the store.`, { outage: false });
}
