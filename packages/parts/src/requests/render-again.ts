import { create } from "@bufbuild/protobuf";
import {
  type Combination,
  CombinationPlannedSchema,
  type CombinationRendered,
  deliveriesPlanned,
  deliveryMessageId,
  maskOf,
  type OutputPlan,
  onlyDeliveries,
  outputPlansOf,
  plannedDeliveries,
  renderedPlan,
  shortCount,
} from "@polyreel/contract";
import { outputBytesKey, type Store } from "@polyreel/platform/blobs";
import type { Publisher } from "@polyreel/platform/stream";
import { type FileKind, type PartRef, partOfOutput, partsIn, partsOfOutput } from "../kinds/media-ref.js";
import type { PartStore } from "../part-store.js";

/** If parts are lost more often, the disk is at fault, and the error is reported. */
const MAX_LOSSES = 2;

/** A tenant's. */
interface Stores {
  readonly store: Store;
  readonly parts: PartStore;
}

/**
 * Requests a new attempt to render an output that could not be delivered because a part was lost, or damaged and removed;
 * the renderer then makes the missing parts. `left`: numbers of the remaining deliveries. Returns whether it was requested.
 */
export async function renderAgain(
  rendered: CombinationRendered,
  left: readonly number[],
  stores: Stores,
  publisher: Publisher,
): Promise<boolean> {
  if (rendered.losses >= MAX_LOSSES || !(await lacksParts(rendered, stores))) return false;
  const outputs = onlyDeliveries([renderedPlan(rendered)], maskOf(left));
  const { deliveryCount } = rendered;
  await planAgain(rendered, { outputs, deliveryCount, losses: rendered.losses + 1 }, publisher);
  return true;
}

/** Requests a new rendering of a combination of an earlier release that lacks its pictures. */
export async function renderWithPictures(rendered: CombinationRendered, publisher: Publisher): Promise<void> {
  const { combination, target } = rendered;
  const planned = create(CombinationPlannedSchema, { ...(combination && { combination }), ...(target && { target }) });
  const deliveryCount = shortCount(plannedDeliveries(planned));
  await planAgain(rendered, { outputs: outputPlansOf(planned), deliveryCount, losses: rendered.losses }, publisher);
}

async function planAgain(
  { batchId, tenant, attempt, combination }: CombinationRendered,
  plan: { readonly outputs: OutputPlan[]; readonly deliveryCount: number; readonly losses: number },
  publisher: Publisher,
): Promise<void> {
  if (!combination) return;
  const next = Math.max(1, attempt) + 1;
  const id = deliveryMessageId(combination.id, deliveriesPlanned(plan.outputs)[0] ?? 0);
  const fact = { batchId, tenant, attempt: next, again: true, combination, ...plan };
  await publisher.publish("combination.planned", fact, { id, attempt: next });
}

async function lacksParts(rendered: CombinationRendered, { store, parts }: Stores): Promise<boolean> {
  const { batchId, combination, certificate } = rendered;
  const { operation } = certificate ?? {};
  const plan = renderedPlan(rendered);
  const file = partOfOutput(plan);
  if (file && (operation?.case === "image" || operation?.case === "rendition"))
    return lacksFile(file, operation.value.sha256, parts);
  if (operation?.case === "picture" || operation?.case === "inputAudio")
    return !(await store.head(outputBytesKey(batchId, operation.value.sha256)));
  if (!combination || operation?.case === "subtitles") return false;
  const needed = neededBy(plan, combination);
  const present = await Promise.all(needed.map(({ kind, hash }) => parts.has(kind, hash)));
  return !present.every(Boolean);
}

/** The parts whose bytes an output consists of. */
function neededBy(plan: OutputPlan, combination: Combination): PartRef[] {
  const { operation } = plan;
  if (operation.case === "rendition") {
    const sound = operation.value.joined?.soundHash;
    return [...partsOfOutput(plan), ...(sound ? [{ kind: "sound" as const, hash: sound }] : [])];
  }
  const joined = operation.case === "audio" ? { ...combination, clips: [] } : combination;
  return partsIn([{ case: "join", combination: joined }]);
}

/** Whether it is gone, or was made again with other bytes than were certified. */
async function lacksFile({ kind, hash }: PartRef<FileKind>, sha256: string, parts: PartStore): Promise<boolean> {
  if (!(await parts.has(kind, hash))) return true;
  return (await parts.index(kind, hash))?.payloadSha256 !== sha256;
}
