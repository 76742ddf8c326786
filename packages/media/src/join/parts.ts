import type { ClipIndex, SoundIndex } from "@polyreel/contract";

/** A clip by its hash, with its index: of a batch, or encoded again as a rendition. */
export interface ClipPart {
  hash: string;
  index: ClipIndex;
  /** "clip" by default. */
  kind?: "clip" | "rendition";
  /** Of a joined MP4; "h264" by default. */
  codec?: MovieCodec;
}

/** Codecs of the picture that MP4s are joined of. */
export type MovieCodec = "h264" | "hevc";

/** A soundtrack by its hash, with its index. */
export interface SoundPart {
  hash: string;
  index: SoundIndex;
  /** "sound" by default. */
  kind?: "sound" | "rendition";
}
