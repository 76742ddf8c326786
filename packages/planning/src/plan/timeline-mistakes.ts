import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import { type Chosen, WarningCode, type WarningSchema } from "@polyreel/contract";
import { SAMPLE_RATE } from "@polyreel/media/sound";
import { PolyreelError } from "@polyreel/platform";
import { inSeconds } from "./stretch.js";
import type { PlacedClip } from "./timeline.js";

/** A warning as plain fields. */
export type Warning = Exclude<MessageInitShape<typeof WarningSchema>, Message>;

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

/** A voice or another sound from `start` to `soundEnd` that exceeds the picture's `end`; in samples. */
export function tooLong(
  what: "voice" | "sound",
  { block, choice }: Whose,
  start: number,
  soundEnd: number,
  end: number,
): PolyreelError {
  const duration = what === "voice" ? "The voice speaks" : "The sound lasts";
  return new PolyreelError("invalid", {
    block,
    choice,
    reason: `${duration} for ${seconds(soundEnd - start)} from ${seconds(start)} on, ${seconds(soundEnd - end)} longer than the picture, which ends at ${seconds(end)}.`,
    remedy:
      what === "voice"
        ? "Shorten the text or the recording, or write overrun: trim (the voice ends with the picture) or extend (the last frame is held)."
        : "Use a shorter sound, or write overrun: trim (it ends with the picture) or extend (the last frame is held).",
  });
}

/** An effect that is cut at the end of the picture, by a number of samples. */
export const cutOff = ({ block, choice }: Whose, samples: number): Warning => ({
  block,
  choice,
  code: WarningCode.SOUND_CUT,
  reason: `The sound is ${seconds(samples)} longer than the picture, and was cut. overrun decides what happens instead.`,
});

export function startsAfterTheEnd(what: string, { block, choice }: Whose, start: number, end: number): PolyreelError {
  return new PolyreelError("invalid", {
    block,
    choice,
    reason: `The ${what} would start at ${seconds(start)}, after the picture has ended at ${seconds(end)}.`,
    remedy: "Make the offset smaller, or the picture longer.",
  });
}
