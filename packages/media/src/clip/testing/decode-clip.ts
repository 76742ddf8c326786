import type { ClipIndex } from "@polyreel/contract";
import { runFfmpeg } from "../../ffmpeg/run.js";
import { parameterSets } from "../parameter-sets.js";

/** A decoded picture, 8-bit 4:2:0. */
export interface Picture {
  width: number;
  height: number;
  data: Buffer;
}

const START_CODE = Buffer.from([0, 0, 0, 1]);

/** Decodes a clip from the contents of its part only: the decoder configuration, the sizes, the packets. For tests. */
export async function decodeClip(payload: Buffer, index: ClipIndex): Promise<Picture[]> {
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: [{ stdin: true, options: ["-f", "h264"] }],
    stdin: [annexB(payload, index)],
    outputs: [{ stdout: true, options: ["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p"] }],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    signal: new AbortController().signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 30,
  });
  const { width, height } = index;
  const all = Buffer.concat(chunks);
  const frameBytes = (width * height * 3) / 2;
  if (all.length % frameBytes !== 0) throw new Error(`${all.length} bytes are no whole pictures of ${width}x${height}`);
  return Array.from({ length: all.length / frameBytes }, (_, i) => ({
    width,
    height,
    data: all.subarray(i * frameBytes, (i + 1) * frameBytes),
  }));
}

/** Y, Cb, Cr at a point. */
export function pixel({ width, height, data }: Picture, x: number, y: number): [number, number, number] {
  const luma = width * height;
  const chroma = (y >> 1) * (width / 2) + (x >> 1);
  return [data[y * width + x] ?? -1, data[luma + chroma] ?? -1, data[luma * 1.25 + chroma] ?? -1];
}

/** The stream in Annex B format: start codes instead of lengths. */
function annexB(payload: Buffer, { decoderConfig, sizes }: ClipIndex): Buffer {
  const out: Buffer[] = [];
  for (const set of parameterSets(Buffer.from(decoderConfig))) out.push(START_CODE, set);
  let offset = 0;
  for (const size of sizes) {
    const packet = payload.subarray(offset, offset + size);
    offset += size;
    for (let at = 0; at < packet.length; ) {
      const length = packet.readUInt32BE(at);
      out.push(START_CODE, packet.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
  }
  if (offset !== payload.length)
    throw new Error(`the index describes ${offset} bytes, the payload has ${payload.length}`);
  return Buffer.concat(out);
}
