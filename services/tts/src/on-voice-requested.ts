import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { type PartReady, PartReadySchema, type PartRequested, type VoiceRecipe } from "@polyreel/contract";
import type { PartStore } from "@polyreel/media/parts/part-store.js";
import { decodePcm } from "@polyreel/media/sound/decode.js";
import { LoudnessProfile } from "@polyreel/media/sound/loudness-profile.js";
import { PolyreelError } from "@polyreel/platform/errors.js";
import type { Engines } from "./engines/engines.js";
import type { SingleFlight } from "./single-flight.js";

export interface VoiceDeps {
  readonly engines: Pick<Engines, "speak">;
  readonly parts: Pick<PartStore, "has" | "pcm" | "put">;
  /** Lines that are being spoken in this process. Gives their length in samples. */
  readonly speaking: SingleFlight<bigint>;
  /** A folder for files in the making. */
  readonly tempDir: string;
}

/** An hour: longer than any text that is accepted can be spoken. */
const MAX_SECONDS = 3600;
/** A line that is nowhere louder was not spoken. */
const SILENCE_LUFS = -60;

/**
 * polyreel.voice.requested: speaks the line, unless the store has it, and gives what polyreel.voice.ready says. Idempotent.
 *
 * Throws PolyreelError `invalid` where the voice is not installed or cannot say the text.
 */
export async function onVoiceRequested(
  request: PartRequested,
  deps: VoiceDeps,
  signal: AbortSignal,
): Promise<PartReady> {
  const { batchId, attempt, hash, recipe } = request;
  if (recipe.case !== "voice") throw new PolyreelError("internal", "A voice was requested without its recipe.");
  const stored = (await deps.parts.has("voice", hash)) && (await deps.parts.pcm("voice", hash));
  if (stored) return create(PartReadySchema, { batchId, attempt, hash, reused: true, speechSamples: stored.samples });
  const line = recipe.value;
  const { value, first } = await deps.speaking.run(hash, signal, (stop) => makeVoice(hash, line, deps, stop));
  return create(PartReadySchema, { batchId, attempt, hash, reused: !first, speechSamples: value });
}

/** Speaks a line and stores it; gives its length in samples. */
async function makeVoice(hash: string, line: VoiceRecipe, deps: VoiceDeps, signal: AbortSignal): Promise<bigint> {
  const tempDir = await mkdtemp(join(deps.tempDir, "voice-"));
  try {
    const speech = await deps.engines.speak({ ...line, signal, tempDir });
    const { path, index } = await decodePcm(speech.path, { zeroAt: "audio", maxSeconds: MAX_SECONDS, signal, tempDir });
    const profile = new LoudnessProfile(index);
    if (!(profile.integrated(0, profile.samples) > SILENCE_LUFS)) throw unspeakable(line);
    index.words = [...speech.words];
    await deps.parts.put("voice", hash, { path }, { kind: { case: "pcm", value: index } }, { signal });
    return index.samples;
  } finally {
    await rm(tempDir, { recursive: true, force: true });
  }
}

const unspeakable = ({ voice }: VoiceRecipe): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `${voice ? `The voice "${voice}"` : "The first voice listed"} has no sound for this text.`,
    remedy: "Give it words of the voice's language.",
  });
