import type { Failure, Format, Output } from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip";
import type { Probe } from "@polyreel/media/probe";
import { foreseeFile } from "@polyreel/media/rendition";
import { classOf } from "@polyreel/parts/costs";
import { PolyreelError } from "@polyreel/platform";
import type { Assembly } from "../plan/assemble.js";
import type { Need } from "../plan/needs.js";
import type { Knowledge } from "../plan/resolved-inputs.js";
import { outputFault } from "./output-fault.js";
import type { About } from "./tally.js";

/**
 * The renditions of a combination by hash, with the pixels to encode as far as the probe of an input, or the length of a
 * join, determines them. Impossible ones are left out: `inputFaults` and `joinFaults` report them.
 */
export function* renditionsAbout(
  { files, format, frames, combination: { soundHash } }: Assembly,
  need: Need | undefined,
  knowledge: Knowledge,
): Generator<[hash: string, about: About]> {
  const probe = format ? probeOfJoin(format, frames, soundHash !== "") : probeOf(need, knowledge);
  if (!probe) return;
  for (const part of files) {
    if (part?.kind !== "rendition") continue;
    const { operation, track } = part.recipe.value;
    const foreseen = possible(() => foreseeFile(operation, probe, track));
    if (!foreseen) continue;
    const { seconds, encodedMegapixels: megapixels, sizeBytes } = foreseen;
    const name = classOf({ recipe: part.recipe });
    yield [part.hash, { name, seconds, megapixels, ...(sizeBytes > 0 && { sizeBytes }) }];
  }
}

function probeOf(need: Need | undefined, knowledge: Knowledge): Probe | undefined {
  const source = need && need.kind !== "voice" ? knowledge.source(need) : undefined;
  return !source || source instanceof PolyreelError ? undefined : source.probe;
}

/** Why outputs cannot be made of a join, as far as its length and canvas show. */
export function joinFaults(
  outputs: readonly Output[],
  { files, frames, combination: { soundHash } }: Assembly,
  format: Format,
): Failure[] {
  const probe = probeOfJoin(format, frames, soundHash !== "");
  return outputs.flatMap((output, number) => {
    const part = files[number];
    if (part?.kind !== "rendition") return [];
    try {
      foreseeFile(part.recipe.value.operation, probe, part.recipe.value.track);
      return [];
    } catch (error) {
      return [outputFault(output, number, error)];
    }
  });
}

/** As the join will be probed. */
function probeOfJoin(format: Format, frames: number, hasSound: boolean): Probe {
  const durationSeconds = framesToSeconds(frames, format);
  const { width, height } = format;
  const common = { startSeconds: 0, durationSeconds };
  return {
    container: "mov,mp4,m4a,3gp,3g2,mj2",
    sizeBytes: 0,
    durationSeconds,
    video: {
      ...{ ...common, codec: "h264", width, height, rotationDegrees: 0, still: false },
      frameRate: format.rateNumerator / format.rateDenominator,
    },
    ...(hasSound && { audio: { ...common, codec: "aac", channels: 2, sampleRate: 48_000 } }),
  };
}

function possible<T>(foresee: () => T): T | undefined {
  try {
    return foresee();
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    return undefined;
  }
}
