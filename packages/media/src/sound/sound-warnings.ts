import { type SoundRecipe, SoundRole } from "@polyreel/contract";
import { SILENCE_LUFS } from "./level.js";
import type { Track } from "./timeline.js";

const NAMES: Partial<Record<SoundRole, string>> = {
  [SoundRole.BED]: "The music",
  [SoundRole.EFFECT]: "An effect",
};

/** Warnings about sounds of a mix that are too quiet to be levelled. */
export function soundWarnings(tracks: readonly Track[], { events }: Pick<SoundRecipe, "events">): string[] {
  const warnings = tracks.flatMap(({ event, profile, input }) => {
    const name = NAMES[events[event]?.role ?? SoundRole.UNSPECIFIED];
    const lufs = profile.integrated(input.from, profile.samples);
    if (!name || lufs >= SILENCE_LUFS) return [];
    const level = Number.isFinite(lufs) ? `at ${lufs.toFixed(0)} LUFS` : "digital silence";
    return [`${name} is ${level}: below ${SILENCE_LUFS} LUFS a sound counts as silent and is not raised.`];
  });
  return [...new Set(warnings)];
}
