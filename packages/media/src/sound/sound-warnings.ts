import { type SoundRecipe, SoundRole } from "@polyreel/contract";
import { QUIETEST_VOICE_LUFS, SILENCE_LUFS } from "./level.js";
import type { Track } from "./timeline.js";

const NAMES: Partial<Record<SoundRole, string>> = {
  [SoundRole.BED]: "The music",
  [SoundRole.EFFECT]: "An effect",
};

/** Warnings about sounds of a mix that are too quiet to be levelled. */
export function soundWarnings(
  tracks: readonly Pick<Track, "event" | "profile" | "input">[],
  { events }: Pick<SoundRecipe, "events">,
): string[] {
  const warnings = tracks.map(({ event, profile, input }) =>
    tooQuiet(events[event]?.role ?? SoundRole.UNSPECIFIED, profile.integrated(input.from, profile.samples)),
  );
  return [...new Set(warnings)].filter((warning) => warning !== undefined);
}

function tooQuiet(role: SoundRole, lufs: number): string | undefined {
  const level = Number.isFinite(lufs) ? `at ${lufs.toFixed(0)} LUFS` : "digital silence";
  if (role === SoundRole.VOICE && lufs < QUIETEST_VOICE_LUFS)
    return `A line of speech is ${level}: below ${QUIETEST_VOICE_LUFS} LUFS a line stays quieter than others. Record it louder, or use another voice.`;
  const name = NAMES[role];
  if (!name || lufs >= SILENCE_LUFS) return undefined;
  return `${name} is ${level}: below ${SILENCE_LUFS} LUFS a sound counts as silent and is not raised.`;
}
