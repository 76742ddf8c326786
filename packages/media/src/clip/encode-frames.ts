import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ClipIndex } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { FfmpegInput } from "../ffmpeg/arguments.js";
import { mediaFault } from "../ffmpeg/media-fault.js";
import { runFfmpeg } from "../ffmpeg/run.js";
import { requireCanvasConfiguration } from "./canvas-configuration.js";
import { clipIndex } from "./clip-index.js";
import { type ClipFormat, framesToSeconds } from "./format.js";
import { readPackets } from "./read-packets.js";
import { encoderOptions, encoderThreads } from "./settings.js";
import { changesShape } from "./shape-watch.js";

export interface EncodeWork {
  signal: AbortSignal;
  /** 0 to 1; never falls. */
  onProgress?: ((fraction: number) => void) | undefined;
  /** Where files in the making lie. */
  tempDir: string;
}

export interface EncodedClip {
  /** The packets in decoding order, back to back: a file in `tempDir`, now the caller's. */
  payloadPath: string;
  index: ClipIndex;
}

export interface FramesToEncode {
  format: ClipFormat;
  frames: number;
  /**
   * What gives [clip]; its files may lie in the folder, which is gone afterwards. `changing`: pictures of another shape than
   * their header states were met.
   */
  graph: (folder: string, changing: boolean) => Promise<{ inputs: readonly FfmpegInput[]; filters: string }>;
  /** Throws what is to be told where the graph gave fewer frames. */
  requireAll: (encoded: number, folder: string) => void | Promise<void>;
  /** May throw what tells better why ffmpeg could not make anything of its inputs. */
  explain?: (folder: string) => Promise<void>;
}

/** Encodes the frames of a graph so that they can be joined with all others of the format. Leaves nothing but the payload. */
export async function encodeFrames(
  { format, frames, graph, requireAll, explain }: FramesToEncode,
  { signal, onProgress, tempDir }: EncodeWork,
): Promise<EncodedClip> {
  const folder = await mkdtemp(join(tempDir, "clip-"));
  const payloadPath = join(tempDir, `clip-${randomUUID()}.h264`);
  const mp4Path = join(folder, "clip.mp4");
  const seconds = framesToSeconds(frames, format);
  try {
    const run = async (own: string, changing: boolean) => {
      const { inputs, filters } = await graph(own, changing);
      return runFfmpeg({
        inputs,
        filterComplex: filters,
        filterThreads: encoderThreads(frames),
        outputs: [{ file: mp4Path, options: encoderOptions(format, frames) }],
        ...bounds(format, frames),
        signal,
        onMessage: (line) => {
          changes ||= changesShape(line);
        },
        // What comes after the encoding takes its time too.
        onProgress: (outTime) => {
          furthest = Math.max(furthest, Math.min(0.99, outTime / seconds));
          onProgress?.(furthest);
        },
      });
    };
    let furthest = 0;
    let changes = false;
    const encode = async () => {
      await run(folder, false);
      if (changes) await run(await mkdtemp(join(folder, "changing-")), true);
    };
    await encode().catch(async (cause: unknown) => {
      const error = mediaFault(cause, UNUSABLE);
      if (error instanceof PolyreelError && error.code === "invalid") await explain?.(folder);
      throw error;
    });
    const { packets, decoderConfig } = await readPackets(mp4Path, payloadPath, signal);
    await requireAll(packets.length, folder);
    const index = clipIndex(format, frames, packets, decoderConfig);
    await requireCanvasConfiguration(format, decoderConfig, tempDir);
    onProgress?.(1);
    return { payloadPath, index };
  } catch (error) {
    await rm(payloadPath, { force: true });
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whatever it is: the same would come of it at every attempt. */
const UNUSABLE = {
  reason: "ffmpeg gives up on the file's pictures.",
  remedy: "Convert it first: a video to H.264 in MP4, a still to PNG. The service's log has what ffmpeg reported.",
};

/** A machine a hundred times slower than today's would pass; pixels a second, and a start for long sources. */
const SLOWEST_PIXELS_PER_SECOND = 600_000;
const START_SECONDS = 600;
const STALL_SECONDS = 120;

export const bounds = ({ width, height }: ClipFormat, frames: number) => ({
  deadlineSeconds: START_SECONDS + (width * height * frames) / SLOWEST_PIXELS_PER_SECOND,
  stallSeconds: STALL_SECONDS,
  // The raw pictures: no encoding is larger.
  maxOutputBytes: Math.ceil(width * height * 1.5 * frames) + (1 << 20),
});
