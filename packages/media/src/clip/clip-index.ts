import { create } from "@bufbuild/protobuf";
import { type ClipIndex, ClipIndexSchema } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type ClipFormat, timeBase } from "./format.js";
import { REORDER_DELAY_FRAMES } from "./settings.js";

/** A packet as written by the encoder; packets are in decoding order. */
export interface EncodedPacket {
  sizeBytes: number;
  presentationSeconds: number;
  keyFrame: boolean;
}

/**
 * Builds the index of a clip. Presentation times are rewritten to the common reorder delay: the encoder uses none for
 * clips of one and two frames, whose frames would be shown too early after joining. Throws PolyreelError `internal` if
 * the packets violate what the encoder settings guarantee.
 */
export function clipIndex(
  format: ClipFormat,
  frames: number,
  packets: readonly EncodedPacket[],
  decoderConfig: Uint8Array,
): ClipIndex {
  const { timescale, sampleDuration } = timeBase(format);
  assert(packets.length === frames, `${packets.length} packets for ${frames} frames`);
  assert(packets[0]?.keyFrame === true, "the first packet is no key frame");
  assert(decoderConfig[0] === 1 && decoderConfig.length > 7, "no decoder configuration");
  assert(
    packets.every(({ sizeBytes }) => sizeBytes > 0),
    "an empty packet",
  );
  const shown = presentationOrder(packets, sampleDuration / timescale);
  const compositionOffsets = shown.map((place, i) => (REORDER_DELAY_FRAMES + place - i) * sampleDuration);
  assert(
    compositionOffsets.every((offset) => offset >= 0),
    "a frame is decoded later than it is shown",
  );
  return create(ClipIndexSchema, {
    width: format.width,
    height: format.height,
    timescale,
    sampleDuration,
    decoderConfig,
    sizes: packets.map(({ sizeBytes }) => sizeBytes),
    compositionOffsets,
    keyFrames: packets.flatMap(({ keyFrame }, i) => (keyFrame ? [i] : [])),
  });
}

/** Each packet's position in presentation order: 0 to n-1, each exactly once. */
function presentationOrder(packets: readonly EncodedPacket[], frameSeconds: number): number[] {
  const first = packets.reduce(
    (min, { presentationSeconds }) => Math.min(min, presentationSeconds),
    Number.POSITIVE_INFINITY,
  );
  const places = packets.map(({ presentationSeconds }) => Math.round((presentationSeconds - first) / frameSeconds));
  assert(
    new Set(places).size === places.length && places.every((place) => place < places.length),
    "presentation times have gaps",
  );
  return places;
}

function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new PolyreelError("internal", "A clip was encoded wrongly.", { cause: new Error(what) });
}
