import type { ClipRecipe } from "@polyreel/contract";
import { type EncodedClip, type EncodeWork, encodeFrames } from "./encode-frames.js";
import { type ClipSource, formatOfRecipe, openScene, requireAllFrames } from "./scene.js";
import { encoderThreads } from "./settings.js";
import { totalFrames } from "./timing-filters.js";

export type { EncodedClip } from "./encode-frames.js";
export type { OverlayImage } from "./overlay.js";
export type { ClipSource } from "./scene.js";

export type ClipWork = ClipSource & EncodeWork;

/**
 * Encodes a clip: exactly `frames` frames of the canvas from the source, then the last one held for `holdFrames`. The
 * same recipe gives the same bytes. Throws PolyreelError `invalid` if the source does not match the recipe or ends
 * early; nothing is left in `tempDir` then.
 */
export async function encodeClip(recipe: ClipRecipe, work: ClipWork): Promise<EncodedClip> {
  const format = formatOfRecipe(recipe);
  const frames = totalFrames(recipe);
  const { signal } = work;
  const threads = encoderThreads(frames);
  const graph = (folder: string, changing: boolean) => openScene(recipe, work, { folder, threads, signal, changing });
  return encodeFrames({ format, frames, graph, requireAll: (count) => requireAllFrames(recipe, count) }, work);
}
