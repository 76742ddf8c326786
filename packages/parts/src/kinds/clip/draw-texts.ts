import type { ClipRecipe } from "@polyreel/contract";
import type { OverlayImage } from "@polyreel/media/clip";
import type { DrawnText } from "@polyreel/media/text";
import { drawSandboxed, writeTexts } from "@polyreel/media/text";
import { PolyreelError } from "@polyreel/platform";

/**
 * Draws a clip's texts into pictures in `folder`, in the recipe's order; times are those of the whole clip. `fonts` gives
 * the path of the font file of a hash: with such files a separate sandboxed process draws, which takes a third of a
 * second longer.
 */
export async function drawTexts(
  recipe: ClipRecipe,
  { folder, signal }: { folder: string; signal: AbortSignal },
  fonts: (sha256: string) => Promise<string>,
): Promise<OverlayImage[]> {
  const { texts } = recipe;
  const scene = sceneOf(recipe, fonts);
  if (texts.some(({ fontSha256 }) => fontSha256 !== "")) {
    return (await drawSandboxed(texts, scene, { folder, signal })).map(imageOf);
  }
  const images: OverlayImage[] = [];
  for await (const drawn of writeTexts(texts, scene, folder)) images.push(imageOf(drawn));
  return images;
}

const imageOf = ({ width: _w, height: _h, ...image }: DrawnText): OverlayImage => image;

function sceneOf(recipe: ClipRecipe, fontPath: (sha256: string) => Promise<string>) {
  const { format, framesBefore, frames, holdFrames } = recipe;
  if (!format?.rateNumerator) throw new PolyreelError("internal", "A clip's recipe has no format.");
  const seconds = (count: number) => (count * format.rateDenominator) / format.rateNumerator;
  const stretch = { fromSeconds: seconds(framesBefore), toSeconds: seconds(framesBefore + frames + holdFrames) };
  return { canvas: format, stretch, fontPath };
}
