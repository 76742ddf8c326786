import { Stage } from "@polyreel/contract";
import type { RequestedPartKind } from "../part-kind.js";
import { PCM_BYTES_A_SECOND, pcmBytes, SAMPLE_RATE } from "../pcm/pcm-kind.js";

/** Speech, as PCM. */
export const voice = {
  name: "voice",
  label: "voice line",
  fromSources: false,
  index: { case: "pcm", payloadBytes: pcmBytes },
  stage: Stage.VOICE,
  recipes: { voice: { inputs: () => [], costClass: () => "voice" } },
  cost: {
    unit: "seconds",
    amount: ({ samples }) => Number(samples) / SAMPLE_RATE,
    isCharged: false, // Speech engines report no CPU time.
    elsewhere: { each: 0.1, perUnit: 0.03 },
    bytesPerUnit: PCM_BYTES_A_SECOND,
  },
  ready: ({ samples, words }) => ({ speechSamples: samples, words }),
  making: { service: "tts" },
} as const satisfies RequestedPartKind<"voice", "pcm", "voice">;
