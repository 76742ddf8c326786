import { type PcmRecipe, type SoundEvent, SoundRole } from "@polyreel/contract";
import { SAMPLE_RATE } from "./pcm.js";

/** Stretches begin and end at whole minutes, so that timelines of different lengths share decoded sound. */
const GRID = BigInt(60 * SAMPLE_RATE);

/** A stretch of a source's audio that is decoded and cached. */
export type SoundStretch = Pick<PcmRecipe, "sourceSha256" | "start" | "samples" | "fromFirstPicture" | "track">;

/**
 * The stretch of a source to decode for an event: the samples it uses and at least one more (to distinguish a sound
 * that continues from one that ends), extended to whole minutes; never hours for seconds. A looped sound is included
 * completely if it is short enough to return.
 */
export function stretchOf(
  event: Pick<SoundEvent, "inputStart" | "samples" | "role" | "track">,
  sourceSha256: string,
): SoundStretch {
  const start = (event.inputStart / GRID) * GRID;
  const end = ((event.inputStart + event.samples) / GRID + 1n) * GRID;
  return {
    sourceSha256,
    start,
    samples: end - start,
    fromFirstPicture: event.role === SoundRole.CLIP,
    track: event.track,
  };
}
