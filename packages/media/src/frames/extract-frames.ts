import type { ClipIndex } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { runFfmpeg } from "../ffmpeg/run.js";
import { type DecodingPlan, planDecoding } from "./frame-places.js";
import { packetStream } from "./packet-stream.js";
import { BYTES_PER_PIXEL, type Picture } from "./picture.js";

export interface ExtractWork {
  /** In pixels; the height follows. The clip's width if omitted or 0. */
  width?: number;
  signal: AbortSignal;
}

const DEADLINE_SECONDS = 120;

/**
 * Decodes frames of a clip (`path` is its payload), in the requested order; a frame may be requested twice. Uses one
 * ffmpeg for all, and decodes only from each frame's preceding key frame. Throws PolyreelError `invalid` if the clip
 * has no such frame.
 */
export async function extractFrames(
  clip: { index: ClipIndex; path: string },
  frames: readonly number[],
  { width = 0, signal }: ExtractWork,
): Promise<Picture[]> {
  if (frames.length === 0) return [];
  const plan = planDecoding(clip.index, frames);
  const size = scaledTo(width, clip.index);
  const pictureBytes = size.width * size.height * BYTES_PER_PIXEL;
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: [{ stdin: true, options: ["-threads", "1", "-f", "h264"] }],
    stdin: packetStream(clip, plan.runs),
    filterComplex: `[0:v]${filters(plan, size)}[out]`,
    filterThreads: 1,
    outputs: [
      { stdout: true, options: ["-map", "[out]", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgba"] },
    ],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
    maxOutputBytes: (plan.wanted.length + 1) * pictureBytes,
  });
  const all = Buffer.concat(chunks);
  if (all.length !== plan.wanted.length * pictureBytes) {
    const cause = new Error(`${all.length} bytes for ${plan.wanted.length} pictures of ${pictureBytes} bytes`);
    throw new PolyreelError("internal", "A clip could not be decoded: its part is damaged.", { cause });
  }
  return plan.places.map((place) => ({
    ...size,
    data: all.subarray(place * pictureBytes, (place + 1) * pictureBytes),
  }));
}

const filters = ({ wanted }: DecodingPlan, { width, height }: { width: number; height: number }): string =>
  [
    `select='${wanted.map((place) => `eq(n\\,${place})`).join("+")}'`,
    `scale=w=${width}:h=${height}:flags=bicubic+accurate_rnd+full_chroma_int+bitexact:in_color_matrix=bt709:in_range=tv`,
  ].join(",");

function scaledTo(width: number, clip: { width: number; height: number }): { width: number; height: number } {
  if (width <= 0) return { width: clip.width, height: clip.height };
  return { width, height: Math.max(1, Math.round((width * clip.height) / clip.width)) };
}
