import type { MessageInitShape } from "@bufbuild/protobuf";
import { type BatchSchema, type OutputSchema, Sound } from "@polyreel/contract";
import { audio, bed, footage, video } from "@polyreel/tests/testing/blocks.js";
import { FRAME_RATE, type Size } from "../scale.js";

/** A part of a source: all of it, or half a second from a position. */
export interface Shown {
  readonly sha256: string;
  readonly startSeconds?: number;
}

/** Video blocks over one repeated bed, muted by default: the shape of the measured batches. */
export function batchOf({
  size,
  blocks,
  bedSha256,
  link = "",
  virtual = false,
  outputs = [{ virtual }],
  keepSound = false,
}: {
  size: Size;
  blocks: readonly (readonly Shown[])[];
  bedSha256: string;
  /** Links all video blocks. */
  link?: string;
  /** Outputs are virtual. */
  virtual?: boolean;
  outputs?: MessageInitShape<typeof OutputSchema>[];
  keepSound?: boolean;
}): MessageInitShape<typeof BatchSchema> {
  return {
    name: "bench",
    canvas: { ...size, frameRate: FRAME_RATE },
    outputs,
    blocks: [
      ...blocks.map((choices, i) => {
        const shown = choices.map(({ sha256, startSeconds }, j) => footage(`c${j}`, sha256, trimmed(startSeconds)));
        return { ...video(`block${i}`, { sound: keepSound ? Sound.KEPT : Sound.MUTED, choices: shown }), link };
      }),
      audio("bed", { gainDb: -12, loop: true, choices: [bed("bed", bedSha256)] }),
    ],
  };
}

const trimmed = (startSeconds: number | undefined) =>
  startSeconds === undefined
    ? {}
    : { trim: { start: { seconds: BigInt(startSeconds) }, duration: { nanos: 500_000_000 } } };
