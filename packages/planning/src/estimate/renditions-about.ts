import type { Failure, Format, Output } from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip";
import { probeOfJoin } from "@polyreel/media/join";
import { thumbnailMoment } from "@polyreel/media/operations";
import type { Probe } from "@polyreel/media/probe";
import { foreseeFile, foreseeSoundTrack, isSoundTrack } from "@polyreel/media/rendition";
import { classOf } from "@polyreel/parts/costs";
import { PolyreelError } from "@polyreel/platform";
import type { Assembly } from "../plan/assemble.js";
import type { Need } from "../plan/needs.js";
import type { RenditionPart } from "../plan/renditions.js";
import type { Knowledge } from "../plan/resolved-inputs.js";
import { outputFault } from "./output-fault.js";
import type { About } from "./tally.js";

/**
 * The renditions of a combination by hash, with the pixels to encode as far as the probe of an input, or the length of a
 * join or of its clips, determines them. Impossible ones are left out: `inputFaults` and `joinFaults` report them.
 */
export function* renditionsAbout(
  { files, format, frames, clips, combination: { soundHash } }: Assembly,
  need: Need | undefined,
  knowledge: Knowledge,
): Generator<[hash: string, about: About]> {
  const probe = format ? probeOfJoin(format, frames, soundHash !== "") : probeOf(need, knowledge);
  if (!probe) return;
  for (const file of files) {
    if (file?.kind === "rendition") yield* about(file, probe);
    if (file?.kind !== "tracks" || !format) continue;
    for (const [i, track] of file.clips.entries()) {
      yield* about(track, probeOfJoin(format, clips[i]?.frames ?? 0, false));
    }
    if (file.sound) yield* about(file.sound, probe);
  }
}

function* about({ hash, recipe }: RenditionPart, probe: Probe): Generator<[hash: string, about: About]> {
  const { operation, track } = recipe.value;
  const foreseen = isSoundTrack(recipe.value)
    ? foreseeSoundTrack(recipe.value.operation.value, probe.durationSeconds)
    : possible(() => foreseeFile(operation, probe, track));
  if (!foreseen) return;
  const { seconds, encodedMegapixels: megapixels, sizeBytes } = foreseen;
  yield [hash, { name: classOf({ recipe }), seconds, megapixels, ...(sizeBytes > 0 && { sizeBytes }) }];
}

function probeOf(need: Need | undefined, knowledge: Knowledge): Probe | undefined {
  const source = need && need.kind !== "voice" ? knowledge.source(need) : undefined;
  return !source || source instanceof PolyreelError ? undefined : source.probe;
}

/** Why outputs cannot be made of a join, as far as its length and canvas show. */
export function joinFaults(outputs: readonly Output[], { files, frames }: Assembly, format: Format): Failure[] {
  return outputs.flatMap((output, number) => {
    const file = files[number];
    try {
      if (file?.kind === "refused") throw file.error;
      if (output.operation.case === "thumbnail")
        thumbnailMoment(output.operation.value, framesToSeconds(frames, format));
      return [];
    } catch (error) {
      return [outputFault(output, number, error)];
    }
  });
}

function possible<T>(foresee: () => T): T | undefined {
  try {
    return foresee();
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    return undefined;
  }
}
