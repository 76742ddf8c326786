import type { PcmIndex } from "@polyreel/contract";
import type { PartKind } from "../part-kind.js";

export const SAMPLE_RATE = 48_000;

/** Two channels of 32-bit floats. */
const BYTES_A_SAMPLE = 2 * 4;

export const PCM_BYTES_A_SECOND = SAMPLE_RATE * BYTES_A_SAMPLE;

/** PCM is 48 kHz stereo, 32-bit float little endian, interleaved. */
export const pcmBytes = ({ samples }: PcmIndex): number => Number(samples) * BYTES_A_SAMPLE;

/** A stretch of a source's sound, decoded to PCM. It is never requested: soundtracks need it, and it is kept as a cache. */
export const pcm = {
  name: "pcm",
  label: "decoded sound",
  fromSources: true,
  index: { case: "pcm", payloadBytes: pcmBytes },
} as const satisfies PartKind<"pcm", "pcm">;
