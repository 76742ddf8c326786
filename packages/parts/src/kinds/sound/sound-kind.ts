import { type SoundEvent, Stage } from "@polyreel/contract";
import type { MediaRef } from "../media-ref.js";
import type { RequestedPartKind } from "../part-kind.js";
import { SAMPLE_RATE } from "../pcm/pcm-kind.js";

/** AAC packets of one timeline's soundtrack. */
export const sound = {
  name: "sound",
  label: "soundtrack",
  fromSources: true,
  index: { case: "sound", payloadBytes: ({ sizes }) => sizes.reduce((sum, size) => sum + size, 0) },
  stage: Stage.SOUND,
  recipes: { sound: { inputs: ({ events }) => events.flatMap(inputOf), costClass: () => "sound" } },
  cost: {
    unit: "seconds",
    amount: ({ samples }) => Number(samples) / SAMPLE_RATE,
    isCharged: true,
    elsewhere: { each: 0.1, perUnit: 0.02 },
    bytesPerUnit: 20_000,
  },
  making: { service: "renderer", budget: "mix", load: () => import("./make-sound.js") },
} as const satisfies RequestedPartKind<"sound", "sound", "sound">;

function inputOf({ input }: SoundEvent): MediaRef[] {
  if (input.case === "sourceSha256") return [{ case: "source", sha256: input.value }];
  return input.case === "voiceHash" ? [{ case: "part", part: { kind: "voice", hash: input.value } }] : [];
}
