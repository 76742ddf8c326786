import type { Transcode } from "@polyreel/contract";
import { planTranscode, type TranscodePlan } from "@polyreel/media/rendition";
import { classOf } from "@polyreel/parts/costs";
import { PolyreelError } from "@polyreel/platform";
import type { Assembly } from "../plan/assemble.js";
import type { Need } from "../plan/needs.js";
import type { Knowledge } from "../plan/resolved-inputs.js";
import type { About } from "./tally.js";

/**
 * The renditions of an input by hash, with the pixels to encode as far as its probe determines them. Impossible ones are
 * left out: `inputFaults` reports them.
 */
export function* renditionsAbout(
  { renditions }: Pick<Assembly, "renditions">,
  need: Need | undefined,
  knowledge: Knowledge,
): Generator<[hash: string, about: About]> {
  const source = need && need.kind !== "voice" ? knowledge.source(need) : undefined;
  if (!source || source instanceof PolyreelError || !source.probe) return;
  for (const part of renditions) {
    const { operation, track = 0 } = part?.recipe.value ?? {};
    if (!part || operation?.case !== "transcode") continue;
    const plan = planOf(() =>
      planTranscode(operation.value, source.probe as NonNullable<typeof source.probe>, { track }),
    );
    if (!plan) continue;
    const { width, height, frameRate, seconds, encode } = plan.video;
    const megapixels = encode ? (width * height * frameRate * seconds) / 1e6 : 0;
    const sizeBytes = sizeOf(operation.value, plan, source.probe.sizeBytes);
    yield [
      part.hash,
      { name: classOf({ recipe: part.recipe }), seconds, megapixels, ...(sizeBytes > 0 && { sizeBytes }) },
    ];
  }
}

function planOf(planning: () => TranscodePlan): TranscodePlan | undefined {
  try {
    return planning();
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    return undefined;
  }
}

/** The size as far as the settings determine it; 0: they don't. */
function sizeOf({ targetMegabytes, videoKbps }: Transcode, { video, audio }: TranscodePlan, ownBytes: number): number {
  if (!video.encode) return ownBytes;
  if (targetMegabytes > 0) return targetMegabytes * 1e6;
  const audioKbps = audio?.encode?.kbps ?? (audio ? COPIED_KBPS : 0);
  return videoKbps > 0 ? (video.seconds * (videoKbps + audioKbps) * 1000) / 8 : 0;
}

/** Of sound that is copied, as a guess. */
const COPIED_KBPS = 128;
