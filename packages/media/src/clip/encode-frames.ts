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
import { loadDemuxer, readPackets } from "./read-packets.js";
import { encoderOptions, encoderThreads } from "./settings.js";
import { changesShape } from "./shape-watch.js";

export interface EncodeWork {
  signal: AbortSignal;
  /** 0 to 1; never decreases. */
  onProgress?: ((fraction: number) => void) | undefined;
  /** Folder for temporary files. */
  tempDir: string;
}

export interface EncodedClip {
  /** The packets in decoding order, back to back: a file in `tempDir`, now owned by the caller. */
  payloadPath: string;
  index: ClipIndex;
}

export interface FramesToEncode {
  format: ClipFormat;
  frames: number;
  /**
   * Builds the filter graph that yields [clip]. It may write files into the folder, which is removed afterwards.
   * `changing`: pictures of another shape than the header's were encountered.
   */
  graph: (folder: string, changing: boolean) => Promise<{ inputs: readonly FfmpegInput[]; filters: string }>;
  /** Throws the appropriate error if the graph yielded fewer frames. */
  requireAll: (encoded: number, folder: string) => void | Promise<void>;
  /** May throw a more specific error if ffmpeg could not process the inputs. */
  explain?: (folder: string) => Promise<void>;
}

/** Encodes the frames of a graph so that they can be joined with all others of the format. Leaves only the payload file. */
export async function encodeFrames(
  { format, frames, graph, requireAll, explain }: FramesToEncode,
  { signal, onProgress, tempDir }: EncodeWork,
): Promise<EncodedClip> {
  const folder = await mkdtemp(join(tempDir, "clip-"));
  const payloadPath = join(tempDir, `clip-${randomUUID()}.h264`);
  const mp4Path = join(folder, "clip.mp4");
  loadDemuxer().catch(() => {}); // While ffmpeg encodes; a failure is thrown when it is used.
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
        // Reserve a share for the steps after encoding.
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

/** Fallback reason; a retry would fail in the same way. */
const UNUSABLE = {
  reason: "ffmpeg cannot process the file's pictures.",
  remedy: "Convert it first: a video to H.264 in MP4, a still to PNG. The service's log has what ffmpeg reported.",
};

/**
 * Throughput below which a run is stopped, in pixels per second, about a hundredth of today's machines'; plus a fixed
 * allowance for long sources.
 */
const SLOWEST_PIXELS_PER_SECOND = 600_000;
const START_SECONDS = 600;
const STALL_SECONDS = 120;

export const bounds = ({ width, height }: ClipFormat, frames: number) => ({
  deadlineSeconds: START_SECONDS + (width * height * frames) / SLOWEST_PIXELS_PER_SECOND,
  stallSeconds: STALL_SECONDS,
  // Size of the raw pictures, which no encoding exceeds.
  maxOutputBytes: Math.ceil(width * height * 1.5 * frames) + (1 << 20),
});
