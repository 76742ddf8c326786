import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, type SourceSchema } from "@polyreel/contract";
import { audio, text, video, voice } from "../testing/blocks.js";
import { durationOf } from "../testing/duration.js";
import type { DrawnBatch, DrawnBlock, DrawnChoice } from "./draw-batch.js";

/** Small, so that real ones are quick. */
const SIZE = { width: 64, height: 64 };
const SIZES: Record<string, { width: number; height: number }> = { square: SIZE, wide: { width: 80, height: 64 } };

/** Duration of stills, and start of trims, in seconds. Transitions take less than half of it. */
const STILL = 0.3;
const TRIM = { start: durationOf(0.1), duration: durationOf(0.3) };
const TRANSITION = 0.1;

/** The drawn batch, as sent by a client. */
export function batchOf(drawn: DrawnBatch): Batch {
  return create(BatchSchema, {
    name: "random",
    naming: drawn.naming,
    ...(drawn.canvases.length > 0
      ? { canvases: drawn.canvases.map((label) => ({ ...(SIZES[label] ?? SIZE), label })) }
      : { canvas: SIZE }),
    blocks: drawn.blocks.map((block) => ({ ...blockOf(block), link: block.link })),
    where: drawn.rules.map(({ cel }) => cel),
    ...(drawn.sample && { sample: { count: BigInt(drawn.sample.count), seed: BigInt(drawn.sample.seed) } }),
  });
}

function blockOf({ name, kind, choices, transition, over, position, at, overrun }: DrawnBlock) {
  switch (kind) {
    case "video":
      return video(name, {
        choices: choices.map((choice) => ({
          ...named(choice),
          ...(choice.sha256 && {
            media: choice.still
              ? { case: "image" as const, value: sourceOf(choice, choice.sha256) }
              : { case: "source" as const, value: sourceOf(choice, choice.sha256) },
          }),
          ...(choice.still && { duration: durationOf(STILL) }),
          ...(choice.trimmed && { trim: TRIM }),
        })),
        ...(transition !== undefined && { transition: { kind: transition, duration: durationOf(TRANSITION) } }),
      });
    case "text":
      return text(name, { over: [...over], position, choices: choices.map(wordsOf) });
    case "voice":
      return voice(name, { at, overrun, choices: choices.map((choice) => ({ ...wordsOf(choice), voice: "rms" })) });
    case "audio":
      return audio(name, {
        at,
        choices: choices.map((choice) => ({
          ...named(choice),
          ...(choice.sha256 && { source: sourceOf(choice, choice.sha256) }),
        })),
      });
  }
}

const named = ({ label, tone }: DrawnChoice) => ({ label, metadata: { tone } });
const wordsOf = (choice: DrawnChoice) => ({ ...named(choice), text: choice.words ?? "" });
const sourceOf = ({ label, bad }: DrawnChoice, sha256: string): MessageInitShape<typeof SourceSchema> => ({
  name: label,
  location: bad ? { case: "unreadable", value: "It was drawn to be bad." } : { case: "sha256", value: sha256 },
});
