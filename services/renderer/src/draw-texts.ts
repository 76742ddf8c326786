import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClipRecipe } from "@polyreel/contract";
import type { OverlayImage } from "@polyreel/media/clip/encode.js";
import { renderText } from "@polyreel/media/text/render-text.js";
import { PolyreelError } from "@polyreel/platform/errors.js";

/** Draws a clip's texts into pictures in `folder`, in the recipe's order. */
export async function drawTexts({ texts, format }: ClipRecipe, folder: string): Promise<OverlayImage[]> {
  if (!format) throw new PolyreelError("internal", "A clip's recipe has no format.");
  const images: OverlayImage[] = [];
  for (const [i, text] of texts.entries()) {
    const drawn = await renderText(text, format);
    if (!drawn) continue;
    const path = join(folder, `text-${i}.png`);
    await writeFile(path, drawn.png);
    images.push({ path, x: drawn.x, y: drawn.y });
  }
  return images;
}
