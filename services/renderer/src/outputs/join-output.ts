import type { Certificate } from "@polyreel/contract";
import { certify } from "@polyreel/media/join";
import { type IndexSource, layOutJoin, type PartStore } from "@polyreel/parts";
import { JOIN } from "@polyreel/parts/costs";
import { partsIn } from "@polyreel/parts/kinds";
import { processCpu } from "@polyreel/platform/process";
import { briefStep } from "@polyreel/platform/telemetry";
import type { Renderer } from "../service.js";
import { awaitParts, readIndex } from "./await-parts.js";
import type { OutputWork } from "./output-work.js";
import { soundWarnings } from "./sound-warnings.js";

/** The joined MP4: laid out and certified when its clips and its soundtrack exist. */
export async function joinOutput(output: OutputWork, renderer: Renderer): Promise<Certificate> {
  const { parts } = renderer.tenants.of(output.planned.fact.tenant);
  await awaitParts(output, partsIn([{ case: "join", combination: output.combination }]), parts, renderer);
  return output.make(async () => {
    const { coreSeconds, made } = await processCpu.measure(() => join(output, parts, renderer));
    output.spent(coreSeconds);
    renderer.costLog.note(JOIN, { coreSeconds, amount: 0, bytes: Number(made.sizeBytes) });
    return made;
  });
}

async function join(output: OutputWork, parts: PartStore, renderer: Renderer): Promise<Certificate> {
  const { combination } = output;
  const { subtitleTracks } = output.plan;
  const indexes: IndexSource = {
    clip: (hash) => readIndex(output, "clip", hash, parts, renderer),
    sound: (hash) => readIndex(output, "sound", hash, parts, renderer),
  };
  const { clips, sound, layout } = await briefStep("lay out", () => layOutJoin(combination, subtitleTracks, indexes));
  const certificate = await briefStep("certify", () => certify(clips, sound, layout, subtitleTracks));
  certificate.warnings.push(...combination.warnings, ...(sound ? soundWarnings(sound.index) : []));
  return certificate;
}
