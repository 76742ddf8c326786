import { create } from "@bufbuild/protobuf";
import { type Batch, type Canvas, CanvasSchema } from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";

/** Shorter side of a previewed video in pixels: texts are readable, at a tenth of the work of 1080. */
const SHORT_SIDE = 360;

/**
 * A batch's canvases at preview size: the same shapes, rates and labels. Texts need no change, as their sizes are
 * relative to the canvas.
 */
export function smallCanvases(batch: Batch): Pick<Batch, "canvas" | "canvases"> {
  const full = normalizeBatch(batch);
  return {
    ...(full.canvas && { canvas: small(full.canvas, batch.canvas) }),
    canvases: full.canvases.map((canvas, index) => small(canvas, batch.canvases[index])),
  };
}

/** `written`: the canvas of the batch file, whose picture is bound to a file later. */
function small({ width, height, ...rest }: Canvas, written: Canvas | undefined): Canvas {
  const scale = Math.min(1, SHORT_SIDE / Math.min(width, height));
  const { backgroundPicture } = written ?? {};
  const picture = backgroundPicture ? { backgroundPicture } : {};
  return create(CanvasSchema, { ...rest, width: even(width * scale), height: even(height * scale), ...picture });
}

const even = (pixels: number): number => Math.max(16, 2 * Math.round(pixels / 2));
