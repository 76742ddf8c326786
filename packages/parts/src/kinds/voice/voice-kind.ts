import { Stage, type VoiceRecipe } from "@polyreel/contract";
import type { MediaRef } from "../media-ref.js";
import type { RequestedPartKind } from "../part-kind.js";
import { PCM_BYTES_A_SECOND, pcmBytes, SAMPLE_RATE } from "../pcm/pcm-kind.js";

/** Speech, of a voice or recorded, as PCM. */
export const voice = {
  name: "voice",
  label: "voice line",
  fromSources: true,
  index: { case: "pcm", payloadBytes: pcmBytes },
  stage: Stage.VOICE,
  recipes: { voice: { inputs: inputsOf, costClass: ({ recording }) => (recording ? "voice recording" : "voice") } },
  cost: {
    unit: "seconds",
    amount: ({ samples }) => Number(samples) / SAMPLE_RATE,
    isCharged: false, // Speech engines report no CPU time.
    elsewhere: { each: 0.1, perUnit: 0.03 },
    bytesPerUnit: PCM_BYTES_A_SECOND,
  },
  ready: ({ samples, words, wordsEstimated }) => ({ speechSamples: samples, words, wordsEstimated }),
  making: { service: "tts" },
} as const satisfies RequestedPartKind<"voice", "pcm", "voice">;

function inputsOf({ recording }: VoiceRecipe): MediaRef[] {
  const sources = recording ? [recording.sourceSha256, recording.wordsSha256] : [];
  return sources.filter(Boolean).map((sha256) => ({ case: "source", sha256 }));
}
