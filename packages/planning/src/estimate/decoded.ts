import type { SoundEvent } from "@polyreel/contract";
import { framesToSamples } from "@polyreel/media/clip";
import { SAMPLE_RATE, type SoundStretch, stretchOf } from "@polyreel/media/sound";
import { stretchHash } from "@polyreel/parts";
import { PCM_BYTES_A_SECOND } from "@polyreel/parts/kinds";
import { PolyreelError } from "@polyreel/platform";
import type { Blueprint, Stage } from "../plan/blueprint.js";
import { Chooser, type Resolved, stageOf } from "../plan/choose.js";
import type { Knowledge } from "../plan/resolved-inputs.js";
import type { UnplacedSound } from "../plan/sound-event.js";

/** Choices per slice. */
const CHOICES_A_TURN = 50;

/**
 * The decoded sound that a batch's soundtracks need, which the store caches: bytes by hash. `meanSeconds`: mean length
 * of its combinations, under which beds extend.
 */
export function* decodedSound(
  blueprint: Blueprint,
  knowledge: Knowledge,
  { decoder, meanSeconds }: { decoder: string; meanSeconds: number },
): Generator<void, Map<string, number>> {
  const decoded = new Map<string, number>();
  const chooser = new Chooser(blueprint, knowledge);
  let met = 0;
  for (const [block, choices] of blueprint.needs.entries()) {
    for (const [position, [need]] of choices.entries()) {
      if (++met % CHOICES_A_TURN === 0) yield;
      const source = need && need.kind !== "voice" ? knowledge.source(need) : undefined;
      const sound = soundOf(chooser.resolve(0, block, position), stageOf(blueprint, 0), meanSeconds); // All canvases sound alike.
      if (!sound || !source || source instanceof PolyreelError) continue;
      const stretch = stretchOf(sound, source.sha256);
      decoded.set(stretchHash(stretch, decoder), bytesOf(stretch, source.probe?.audio?.durationSeconds ?? 0));
    }
  }
  return decoded;
}

/** The sound of a choice: a clip's is as long as its picture, others as long as a combination. */
function soundOf(resolved: Resolved, { format }: Stage, meanSeconds: number): SoundEvent | undefined {
  const event = (sound: UnplacedSound | undefined, samples: number) =>
    sound?.event({ start: 0, samples, fadeIn: 0, fadeOut: 0 });
  if (resolved.kind === "sound") return event(resolved.sound.sound, Math.round(meanSeconds * SAMPLE_RATE));
  if (resolved.kind !== "video") return undefined;
  const { sound, frames } = resolved.video.placed;
  return event(sound, framesToSamples(frames, format));
}

/** Sources end before their last minute does. */
function bytesOf({ start, samples }: SoundStretch, audioSeconds: number): number {
  const from = Number(start) / SAMPLE_RATE;
  const seconds = Math.min(Number(samples) / SAMPLE_RATE, audioSeconds - from);
  return Math.max(0, seconds) * PCM_BYTES_A_SECOND;
}
