import type { PartIndex } from "@polyreel/contract";

const BYTES_PER_PCM_SAMPLE = 2 * 4;

/** How many bytes of payload an index describes; undefined where it describes nothing. */
export function describedBytes(index: PartIndex): number | undefined {
  const { kind } = index;
  switch (kind.case) {
    case "clip":
    case "sound":
      return kind.value.sizes.reduce((sum, size) => sum + size, 0);
    case "pcm":
      return Number(kind.value.samples) * BYTES_PER_PCM_SAMPLE;
    case undefined:
      return undefined;
  }
}
