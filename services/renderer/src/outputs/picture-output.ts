import { createHash } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { type Certificate, CertificateSchema, type PicturePlan } from "@polyreel/contract";
import type { ClipPart } from "@polyreel/media/join/parts.js";
import { charging } from "@polyreel/media/measured/charge.js";
import { processCpu } from "@polyreel/media/measured/process-cpu.js";
import { PICTURE } from "@polyreel/media/measured/record.js";
import { outputBytesKey } from "@polyreel/platform/store/store.js";
import type { OutputWork } from "../on-combination-planned.js";
import type { Renderer } from "../service.js";
import { awaitParts, readIndex } from "./await-parts.js";

/**
 * A picture of some frames: made when the clips are there that show them, whatever the rest of the video still waits for. Its
 * bytes lie in the store before anybody hears of them.
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
    const making = () => renderer.pictures.make(plan, clips, parts, output.work.signal);
    // With the programs that take its frames.
    const { made, cpuSeconds } = await charging(() => processCpu.measure(making));
    const { bytes, width, height } = made.made;
    const coreSeconds = made.coreSeconds + cpuSeconds;
    renderer.notebook.note(PICTURE, { coreSeconds, amount: 0, bytes: bytes.length });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const key = outputBytesKey(output.planned.batchId, sha256);
    if (!(await store.stat(key))) await store.write(key, bytes);
    return create(CertificateSchema, {
      sizeBytes: BigInt(bytes.length),
      operation: { case: "picture", value: { sha256, width, height, frames: plan.frames.length } },
    });
  });
}
