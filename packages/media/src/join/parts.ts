import type { ClipIndex, SoundIndex } from "@polyreel/contract";

/** A clip by its hash, with its index. */
export interface ClipPart {
  hash: string;
  index: ClipIndex;
}

/** A soundtrack by its hash, with its index. */
export interface SoundPart {
  hash: string;
  index: SoundIndex;
}

/** Samples a second of every soundtrack. */
export const SAMPLE_RATE = 48_000;

/** Samples of an AAC packet. */
export const PACKET_SAMPLES = 1024;
