import { open } from "node:fs/promises";
import type { ClipIndex } from "@polyreel/contract";
import { parameterSets } from "../clip/parameter-sets.js";
import type { PacketRun } from "./frame-places.js";

const START_CODE = Buffer.from([0, 0, 0, 1]);

/**
 * Runs of a clip's packets as a stream for decoders without a container (ITU-T H.264, Annex B): parameter sets first,
 * start codes instead of lengths. Reads one packet at a time.
 */
export async function* packetStream(
  { path, index }: { path: string; index: ClipIndex },
  runs: readonly PacketRun[],
): AsyncGenerator<Buffer> {
  for (const set of parameterSets(Buffer.from(index.decoderConfig))) yield Buffer.concat([START_CODE, set]);
  const offsets = packetOffsets(index);
  const file = await open(path);
  try {
    for (const { from, to } of runs) {
      for (let packet = from; packet < to; packet++) {
        const bytes = Buffer.alloc(index.sizes[packet] ?? 0);
        await file.read(bytes, 0, bytes.length, offsets[packet] ?? 0);
        yield withStartCodes(bytes);
      }
    }
  } finally {
    await file.close();
  }
}

function packetOffsets({ sizes }: ClipIndex): number[] {
  let offset = 0;
  return sizes.map((size) => {
    const start = offset;
    offset += size;
    return start;
  });
}

/** Lengths and start codes both have 4 bytes, so lengths are overwritten. */
function withStartCodes(packet: Buffer): Buffer {
  for (let at = 0; at + 4 <= packet.length; ) {
    const length = packet.readUInt32BE(at);
    START_CODE.copy(packet, at);
    at += 4 + length;
  }
  return packet;
}
