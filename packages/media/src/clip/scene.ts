import type { ClipRecipe } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { FfmpegInput } from "../ffmpeg/arguments.js";
import { readableStill } from "../heif/readable-still.js";
import type { Probe, VideoProbe } from "../probe/parse.js";
import { probe, stillInputOptions } from "../probe/probe.js";
import { requireStill, requireVideo } from "../probe/require.js";
import { clipFilters, type GraphPlace } from "./filters.js";
import { type ClipFormat, framesToSeconds } from "./format.js";
import type { OverlayImage } from "./overlay.js";
import { overlayInputs, stillOverlayInput } from "./overlay-inputs.js";
import { needsOwnClock, seekTo } from "./seek.js";
import { sourceFrames } from "./timing-filters.js";

/** The files that a clip's recipe needs. */
export interface ClipSource {
  sourcePath: string;
  /** The picture of `backgroundSha256`. */
  backgroundPath?: string | undefined;
  /** Probes of both, if known; otherwise they are probed. */
  sourceProbe?: Probe | undefined;
  backgroundProbe?: Probe | undefined;
  /** Above the picture, the lowest first; positions on the canvas. */
  overlays?: readonly OverlayImage[] | undefined;
}

/** A recipe prepared for ffmpeg. */
export interface Scene {
  inputs: readonly FfmpegInput[];
  filters: string;
}

interface Making {
  /** An exclusive folder for the films of overlays. */
  folder: string;
  threads: number;
  signal: AbortSignal;
  /** Another source of the same command needs timestamps as they are in the files. */
  ownClock?: boolean;
  /** Pictures of another shape than the header's were encountered. */
  changing?: boolean;
  at?: Pick<GraphPlace, "firstInput" | "prefix" | "output">;
}

/** Probes the sources of a recipe, and builds the graph that renders its frames. */
export async function openScene(
  recipe: ClipRecipe,
  { sourcePath, sourceProbe, backgroundPath, backgroundProbe, overlays = [] }: ClipSource,
  { folder, threads, signal, at, ownClock, changing }: Making,
): Promise<Scene> {
  const format = formatOfRecipe(recipe);
  const source = sourceProbe ?? (await probe(sourcePath, { signal }));
  const readable = recipe.still ? await readableStill(sourcePath, { folder, signal }) : sourcePath;
  const picture = recipe.still ? requireStill(source) : requireVideo(source);
  const { restarts } = source;
  const startSeconds = startOf(recipe);
  const copiesClock = ownClock || needsOwnClock(startSeconds, source);
  const seek = seekTo(startSeconds, source, copiesClock);
  const timed = { ...recipe, format };
  const { still, films } = await overlayInputs(overlays, timed, { folder, signal });
  const behind =
    backgroundPath === undefined ? undefined : await openBackground(backgroundPath, backgroundProbe, signal);
  const graph = { recipe: timed, picture, seek, restarts, changing, still: behind, overlays: still, films };
  return {
    inputs: [
      await mediaInput(readable, threads, [
        ...decoderOf(picture),
        ...seek.inputOptions,
        ...(copiesClock ? ["-copyts"] : []),
      ]),
      ...(backgroundPath === undefined
        ? []
        : [await mediaInput(await readableStill(backgroundPath, { folder, signal }), threads)]),
      ...still.map(stillOverlayInput),
      ...films.map(({ input }) => input),
    ],
    filters: clipFilters(graph, at),
  };
}

/** Options that select a picture's decoder. */
export const decoderOf = ({ decoder }: VideoProbe): string[] => (decoder === undefined ? [] : ["-c:V:0", decoder]);

/** Start of a recipe's stretch in its source, in seconds. */
export const startOf = ({ startMicroseconds }: ClipRecipe): number => Number(startMicroseconds) / 1e6;

/** A source as an ffmpeg input. */
export async function mediaInput(path: string, threads: number, options: readonly string[] = []): Promise<FfmpegInput> {
  // reinit_filter 0: if a recording changes its size midway, the scaler adapts; a new graph would restart its frame
  // count.
  const ours = ["-threads", String(threads), "-reinit_filter", "0"];
  return { media: path, options: [...ours, ...options, ...(await stillInputOptions(path))] };
}

async function openBackground(path: string, known: Probe | undefined, signal: AbortSignal): Promise<VideoProbe> {
  try {
    return requireStill(known ?? (await probe(path, { signal })));
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    throw error.at({ field: "background" });
  }
}

export function formatOfRecipe({ format, frames }: ClipRecipe): ClipFormat {
  if (!format?.width || !format.height || !format.rateNumerator || !format.rateDenominator) {
    throw new PolyreelError("internal", "A clip's recipe has no format.");
  }
  if (frames < 1) throw new PolyreelError("internal", "A clip's recipe has no frames.");
  return format;
}

/** Throws PolyreelError `invalid` if a recipe's graph yielded fewer frames than required. */
export function requireAllFrames(recipe: ClipRecipe, frames: number): void {
  const format = formatOfRecipe(recipe);
  const given = sourceFrames(frames, recipe);
  if (given >= recipe.frames) return;
  const start = startOf(recipe);
  const ends = start + framesToSeconds(given, format);
  const needed = start + framesToSeconds(recipe.frames, format);
  const position = given > 0 ? `after ${ends.toFixed(2)} s` : `before ${ends.toFixed(2)} s`;
  throw new PolyreelError("invalid", {
    reason: `The picture ends ${position} of ${needed.toFixed(2)} s: the file is probably truncated.`,
    remedy: "Fetch or export the file again, or trim the choice to its actual length.",
  });
}
