import type { Combination } from "@polyreel/contract";
import { certify } from "@polyreel/media/join/certificate.js";
import { layOut } from "@polyreel/media/join/layout.js";
import type { ClipPart, SoundPart } from "@polyreel/media/join/parts.js";
import type { PartStore } from "@polyreel/media/parts/part-store.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Told } from "@polyreel/platform/nats/follow.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import type { Work } from "@polyreel/platform/nats/stage.js";
import { activeTraceId, linkSpan } from "@polyreel/platform/telemetry/telemetry.js";
import type { Renderer } from "./service.js";

type Planned = Told<"combination.planned">;

/** Lays a combination out and certifies it, as soon as its parts are there. No byte of it is written. */
export async function onCombinationPlanned({ fact, batchId }: Planned, work: Work, renderer: Renderer): Promise<void> {
  const { combination, tenant, attempt, target } = fact;
  if (!combination) throw new PolyreelError("internal", "A combination was planned without saying which.");
  const { parts } = renderer.tenants.of(tenant);
  work.span.setAttribute("polyreel.combination.id", combination.id);
  await waitForParts(combination, batchId, parts, work, renderer);

  const clips: ClipPart[] = [];
  for (const { hash } of combination.clips) clips.push({ hash, index: await indexOf(parts, "clip", hash, work) });
  const sound: SoundPart | undefined = combination.soundHash
    ? { hash: combination.soundHash, index: await indexOf(parts, "sound", combination.soundHash, work) }
    : undefined;
  const certificate = certify(clips, sound, layOut(clips, sound, combination.tags));
  await renderer.platform.publisher.publish(
    "combination.rendered",
    { batchId, tenant, attempt, combination, certificate, ...(target && { target }) },
    { id: combination.id, attempt },
  );
}

/** Waits outside the slot; a part's failure becomes the combination's, with the block and choice it has here. */
async function waitForParts(
  { clips, soundHash }: Combination,
  batchId: string,
  parts: PartStore,
  { signal, outsideSlot }: Work,
  { board }: Renderer,
): Promise<void> {
  const present = await Promise.all([
    ...clips.map(({ hash }) => parts.has("clip", hash)),
    soundHash === "" || parts.has("sound", soundHash),
  ]);
  if (present.every(Boolean)) return;
  await outsideSlot(async () => {
    for (const { hash, block, choice } of clips) {
      await board.wait(parts, batchId, "clip", hash, signal).catch((error: unknown) => {
        // A clip may be that of several blocks; a text over it is named as it is.
        if (!(error instanceof PolyreelError) || !clips.some((clip) => clip.block === error.failure.block)) throw error;
        const { reason, remedy } = error.failure;
        throw new PolyreelError(error.code, { block, choice, reason, remedy }, { cause: error });
      });
    }
    if (soundHash) await board.wait(parts, batchId, "sound", soundHash, signal);
  });
}

async function indexOf<K extends "clip" | "sound">(parts: PartStore, kind: K, hash: string, { span }: Work) {
  const index = await parts.index(kind, hash);
  if (index?.kind.case !== kind) throw new PolyreelError("unavailable", `A ${kind} is missing from the store.`);
  linkSpan(span, [index.traceparent]);
  return index.kind.value as Extract<typeof index.kind, { case: K }>["value"];
}

/** Says that a combination fails. */
export async function failCombination(
  { fact, batchId }: Planned,
  { failure }: PolyreelError,
  publisher: Publisher,
): Promise<void> {
  const { combination, attempt } = fact;
  if (!combination) return;
  const { id, ordinal, choices } = combination;
  const told = { batchId, attempt, combinationId: id, ordinal, choices, failure, traceId: activeTraceId() };
  await publisher.publish("combination.failed", told, { id, attempt });
}
