import { type Block, Overrun } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";

/** Checks that the settings of an audio block have an effect. `at` is the block's own path. */
export function checkAudio(block: Block, at: string, blocks: readonly Block[]): Mistake[] {
  const { name, kind } = block;
  if (kind.case !== "audio") return [];
  const { duck, loop, overrun } = kind.value;
  const mistakes: Mistake[] = [];
  if (duck && !blocks.some((other) => other.kind.case === "voice")) {
    mistakes.push({
      block: name,
      field: `${at}.audio.duck`,
      reason: "duck lowers a sound while a voice speaks, and the batch has no voice block.",
      remedy:
        "Leave duck out, or add a voice block: of a recording of your own, too. Footage's own sound does not lower music: use gainDb.",
    });
  }
  if (loop && overrun !== Overrun.UNSPECIFIED && overrun !== Overrun.TRIM) {
    mistakes.push({
      block: name,
      field: `${at}.audio.overrun`,
      reason: "A sound that is repeated until the picture ends is never longer than the picture.",
      remedy: "Leave out overrun or loop.",
    });
  }
  return mistakes;
}
