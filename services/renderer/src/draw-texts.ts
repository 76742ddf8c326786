import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClipRecipe } from "@polyreel/contract";
import type { OverlayImage } from "@polyreel/media/clip/encode.js";
import { renderTexts } from "@polyreel/media/text/render-texts.js";
import { PolyreelError } from "@polyreel/platform/errors.js";

/**
 * Draws a clip's texts into pictures in `folder`, in the recipe's order; times are those of the whole clip. `fonts` tells
 * where the font file of a hash lies.
 */
export async function drawTexts(
  recipe: ClipRecipe,
  folder: string,
  fonts: (sha256: string) => Promise<string>,
): Promise<OverlayImage[]> {
  const images: OverlayImage[] = [];
  for await (const { png, width: _w, height: _h, ...image } of renderTexts(recipe.texts, sceneOf(recipe, fonts))) {
    const path = join(folder, `text-${randomUUID()}.png`);
    await writeFile(path, png);
    images.push({ path, ...image });
  }
  return images;
}

function sceneOf(recipe: ClipRecipe, fontPath: (sha256: string) => Promise<string>) {
  const { format, framesBefore, frames, holdFrames } = recipe;
  if (!format?.rateNumerator) throw new PolyreelError("internal", "A clip's recipe has no format.");
  const seconds = (count: number) => (count * format.rateDenominator) / format.rateNumerator;
  const stretch = { fromSeconds: seconds(framesBefore), toSeconds: seconds(framesBefore + frames + holdFrames) };
  return { canvas: format, stretch, fontPath };
}
