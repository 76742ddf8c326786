import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type Certificate, CertificateSchema, type PicturePlan } from "@polyreel/contract";
import type { ClipPart } from "@polyreel/media/join";
import type { MadePicture } from "@polyreel/media/operations";
import { combinationPicture } from "@polyreel/media/operations";
import { PICTURE } from "@polyreel/parts/costs";
import { outputBytesKey, type Store } from "@polyreel/platform/blobs";
import { charging, processCpu } from "@polyreel/platform/process";
import type { Renderer } from "../service.js";
import { awaitParts, readIndex } from "./await-parts.js";
import type { OutputWork } from "./output-work.js";

/**
 * A picture of some frames: made as soon as the clips with these frames exist, without waiting for the rest of the
 * video. Its bytes are in the store before it is published.
 */
export async function pictureOutput(output: OutputWork, plan: PicturePlan, renderer: Renderer): Promise<Certificate> {
  const { store, parts } = renderer.tenants.of(output.planned.fact.tenant);
  const clips: ClipPart[] = [];
  const last = Math.max(...plan.frames);
  let frames = 0;
  for (const { hash } of output.combination.clips) {
    if (frames > last) break;
    await awaitParts(output, [{ kind: "clip", hash }], parts, renderer);
    const index = await readIndex(output, "clip", hash, parts, renderer);
    clips.push({ hash, index });
    frames += index.sizes.length;
  }
  return output.make(async () => {
    const decode = renderer.frames.of(parts, output.work.signal);
    const making = () => combinationPicture(clips, plan, decode);
    // Including the programs that extract its frames.
    const { made, cpuSeconds } = await charging(() => processCpu.measure(making));
    const coreSeconds = made.coreSeconds + cpuSeconds;
    output.spent(coreSeconds);
    renderer.costLog.note(PICTURE, { coreSeconds, amount: 0, bytes: made.made.payload.length });
    return keepPicture(made.made, output.planned.batchId, store);
  });
}

/** Stores a picture's bytes in a tenant's store, under the batch, and certifies them. */
export async function keepPicture(
  { payload, width, height, frames }: MadePicture,
  batchId: string,
  store: Store,
): Promise<Certificate> {
  const sha256 = createHash("sha256").update(payload).digest("hex");
  const key = outputBytesKey(batchId, sha256);
  await store.put(key, payload, { ifAbsent: true });
  return create(CertificateSchema, {
    sizeBytes: BigInt(payload.length),
    operation: { case: "picture", value: { sha256, width, height, frames } },
  });
}
