import type { PartIndex } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";

/**
 * What a part is, and the folder it lies in:
 * - `clip`: H.264 packets of one clip on the canvas;
 * - `sound`: AAC packets of one timeline's soundtrack;
 * - `voice`: speech, as PCM;
 * - `pcm`: the decoded sound of a source, as PCM.
 * PCM is 48 kHz stereo, 32-bit float little endian, interleaved.
 */
export type PartKind = "clip" | "sound" | "voice" | "pcm";

/** Which index describes parts of a kind. */
export const INDEX_CASE = { clip: "clip", sound: "sound", voice: "pcm", pcm: "pcm" } as const satisfies Record<
  PartKind,
  PartIndex["kind"]["case"]
>;

const HASH = /^[0-9a-f]{64}$/;

/** Store key of a part's payload. Hashes arrive in messages, and keys become paths: anything else is refused. */
export function payloadKey(kind: PartKind, hash: string): string {
  if (!HASH.test(hash)) throw new PolyreelError("invalid", { reason: "A part's hash must be 64 hexadecimal digits." });
  return `parts/${kind}/${hash}`;
}

/** What the key of an index has after that of its payload. */
export const INDEX_SUFFIX = ".index";

/** Store key of a part's index. The part exists when its index does. */
export const indexKey = (kind: PartKind, hash: string): string => payloadKey(kind, hash) + INDEX_SUFFIX;
