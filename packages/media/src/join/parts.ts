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
