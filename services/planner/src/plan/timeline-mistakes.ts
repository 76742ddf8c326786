import type { Chosen } from "@polyreel/contract";
import { SAMPLE_RATE } from "@polyreel/media/sound/pcm.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { inSeconds } from "./stretch.js";
import type { PlacedClip } from "./timeline.js";

type Whose = Pick<Chosen, "block" | "choice">;

const seconds = (samples: number): string => inSeconds(samples / SAMPLE_RATE);

export function tooShort({ block, choice, frames }: PlacedClip, taken: number): PolyreelError {
  return new PolyreelError("invalid", {
    block,
    choice,
    reason: `Its transitions take ${taken} frames, but it has only ${frames}.`,
    remedy: "Make the transitions shorter, or the clip longer.",
  });
}

export function tooLong({ block, choice }: Whose, start: number, speechEnd: number, end: number): PolyreelError {
  return new PolyreelError("invalid", {
    block,
    choice,
    reason: `The voice speaks for ${seconds(speechEnd - start)} from ${seconds(start)} on, ${seconds(speechEnd - end)} longer than the picture, which ends at ${seconds(end)}.`,
    remedy:
      "Shorten the text, or say overrun: TRIM (the voice ends with the picture) or EXTEND (the last frame is held).",
  });
}

export function startsAfterTheEnd(what: string, { block, choice }: Whose, start: number, end: number): PolyreelError {
  return new PolyreelError("invalid", {
    block,
    choice,
    reason: `The ${what} would start at ${seconds(start)}, after the picture has ended at ${seconds(end)}.`,
    remedy: "Make the offset smaller, or the picture longer.",
  });
}
