import type { MessageInitShape } from "@bufbuild/protobuf";
import { type BatchSchema, Sound } from "@polyreel/contract";
import { audio, bed, footage, video } from "@polyreel/tests/testing/blocks.js";
import { FRAME_RATE, type Size } from "../scale.js";

/** What is shown of a source: all of it, or half a second from a place in it. */
export interface Shown {
  readonly sha256: string;
  readonly startSeconds?: number;
}

/** Video blocks whose own sound is muted, over one repeated bed: the shape of the batches that are measured. */
export function batchOf({
  size,
  blocks,
  bedSha256,
}: {
  size: Size;
  blocks: readonly (readonly Shown[])[];
  bedSha256: string;
}): MessageInitShape<typeof BatchSchema> {
  return {
    name: "bench",
    canvas: { ...size, frameRate: FRAME_RATE },
    blocks: [
      ...blocks.map((choices, i) =>
        video(`block${i}`, {
          sound: Sound.MUTED,
          choices: choices.map(({ sha256, startSeconds }, j) => footage(`c${j}`, sha256, trimmed(startSeconds))),
        }),
      ),
      audio("bed", { gainDb: -12, loop: true, choices: [bed("bed", bedSha256)] }),
    ],
  };
}

const trimmed = (startSeconds: number | undefined) =>
  startSeconds === undefined
    ? {}
    : { trim: { start: { seconds: BigInt(startSeconds) }, duration: { nanos: 500_000_000 } } };
