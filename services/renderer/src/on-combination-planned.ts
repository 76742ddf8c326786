import { create } from "@bufbuild/protobuf";
import { type Combination, WarningCode, WarningSchema } from "@polyreel/contract";
import { certify } from "@polyreel/media/join/certificate.js";
import { layOut } from "@polyreel/media/join/layout.js";
import type { ClipPart, SoundPart } from "@polyreel/media/join/parts.js";
import { tagsOf } from "@polyreel/media/join/tags.js";
import { processCpu } from "@polyreel/media/measured/process-cpu.js";
import { JOIN } from "@polyreel/media/measured/record.js";
import type { PartStore } from "@polyreel/media/parts/part-store.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Told } from "@polyreel/platform/nats/follow.js";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import type { Work } from "@polyreel/platform/nats/stage.js";
import { activeTraceId, linkSpan } from "@polyreel/platform/telemetry/telemetry.js";
import type { AwaitedPart } from "./part-board.js";
import type { Renderer } from "./service.js";

type Planned = Told<"combination.planned">;

/** Lays a combination out and certifies it, as soon as its parts are there. No byte of it is written. */
export async function onCombinationPlanned(planned: Planned, work: Work, renderer: Renderer): Promise<void> {
  const { combination, tenant } = planned.fact;
  if (!combination) throw new PolyreelError("internal", "A combination was planned without saying which.");
  const { parts } = renderer.tenants.of(tenant);
  work.span.setAttribute("polyreel.combination.id", combination.id);
  await waitForParts(planned.fact, combination, parts, work, renderer);
  const joining = () => join(planned, combination, parts, work, renderer);
  const { coreSeconds, made: bytes } = await processCpu.measure(joining);
  renderer.notebook.note(JOIN, { coreSeconds, amount: 0, bytes });
}

/** Joins parts that are there, and tells it; gives the output's bytes. */
async function join(
  { fact, batchId }: Planned,
  combination: Combination,
  parts: PartStore,
  work: Work,
  renderer: Renderer,
): Promise<number> {
  const { tenant, attempt, target, losses } = fact;
  const indexOf = async <K extends "clip" | "sound">(kind: K, hash: string) =>
    (await readIndex(parts, kind, hash, work)) ?? lost({ batchId, kind, hash, attempt: attempt + 1 }, renderer);
  const clips: ClipPart[] = [];
  for (const { hash } of combination.clips) clips.push({ hash, index: await indexOf("clip", hash) });
  const { soundHash: hash } = combination;
  const sound: SoundPart | undefined = hash ? { hash, index: await indexOf("sound", hash) } : undefined;
  const certificate = certify(clips, sound, layOut(clips, sound, tagsOf(combination)));
  const ofSound = (sound?.index.warnings ?? []).map((reason) =>
    create(WarningSchema, { reason, code: WarningCode.SOUND_SILENT }),
  );
  certificate.warnings.push(...combination.warnings, ...ofSound);
  work.leaveSlot();
  await renderer.platform.publisher.publish(
    "combination.rendered",
    { batchId, tenant, attempt, losses, combination, certificate, ...(target && { target }) },
    { id: combination.id, attempt },
  );
  return Number(certificate.sizeBytes);
}

/**
 * Waits outside the slot; a part's failure becomes the combination's, with the block and choice it has here. What one that
 * is planned again lacks is asked for again.
 */
async function waitForParts(
  fact: Planned["fact"],
  { clips, soundHash }: Combination,
  parts: PartStore,
  { signal, outsideSlot }: Work,
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
  const needed: AwaitedPart[] = [
    ...clips.map(({ hash }) => ({ batchId, kind: "clip", hash, attempt }) as const),
    ...(soundHash ? [{ batchId, kind: "sound", hash: soundHash, attempt } as const] : []),
  ];
  const present = await Promise.all(needed.map(isThere));
  const missing = needed.filter((_, i) => !present[i]);
  if (missing.length === 0) return;
  await outsideSlot(async () => {
    if (again && partsAfter === 0) await Promise.all(missing.map((part) => requests.again(part)));
    for (const part of needed) {
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

async function readIndex<K extends "clip" | "sound">(parts: PartStore, kind: K, hash: string, { span }: Work) {
  const index = await parts.index(kind, hash);
  if (index?.kind.case !== kind) return undefined;
  linkSpan(span, [index.traceparent]);
  return index.kind.value as Extract<typeof index.kind, { case: K }>["value"];
}

/** A part that was there a moment ago, or whose index was damaged: it is made again, and then waited for. */
async function lost(part: AwaitedPart, { requests }: Renderer): Promise<never> {
  await requests.again(part);
  throw new PolyreelError("unavailable", `A ${part.kind} is missing from the store.`, { outage: false });
}

/** Says that a combination fails. */
export async function failCombination(
  { fact, batchId }: Planned,
  { failure }: PolyreelError,
  publisher: Publisher,
): Promise<void> {
  const { combination, attempt, target } = fact;
  if (!combination) return;
  const { id, ordinal, choices } = combination;
  const about = { combinationId: id, ordinal, choices, folder: target?.folder ?? "" };
  const told = { batchId, attempt, ...about, failure, traceId: activeTraceId() };
  await publisher.publish("combination.failed", told, { id, attempt });
}
