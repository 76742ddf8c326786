import { Gravity, type Image, ImageFit, ImageFormat } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";
import { BY_CONTENT, checkWatermark } from "./check-watermark.js";

/** Settings of an image that exclude each other, or would have no effect. `at`: its path. */
export function checkImage(image: Image, at: string): Mistake[] {
  const { watermark } = image;
  const found = [...fitMistakes(image), ...encodingMistakes(image)];
  const mistakes = found.map(({ field, ...mistake }) => ({ ...mistake, field: `${at}.${field}` }));
  if (!watermark) return mistakes;
  const marks = checkWatermark(watermark, `${at}.watermark`);
  return [...mistakes, ...marks, ...(watermark.during ? [timeless(at)] : [])];
}

/** Fits for a box, by their names. */
const BOXED: Partial<Record<ImageFit, string>> = {
  [ImageFit.COVER]: "cover",
  [ImageFit.CONTAIN]: "contain",
  [ImageFit.FILL]: "fill",
  [ImageFit.OUTSIDE]: "outside",
};

const timeless = (at: string): Mistake => ({
  field: `${at}.watermark.during`,
  reason: "An image has no time.",
  remedy: "Leave during out.",
});

function fitMistakes({ width, height, fit, gravity }: Image): Mistake[] {
  const boxed = BOXED[fit];
  if (boxed && (width === 0 || height === 0)) {
    const reason = `The fit is ${boxed}, which needs width and height.`;
    return [
      { field: "fit", reason, remedy: "Give both, or leave fit out: the other side then follows from the image." },
    ];
  }
  const isUsed = fit === ImageFit.COVER || fit === ImageFit.CONTAIN;
  if (gravity !== Gravity.CENTER && gravity !== Gravity.UNSPECIFIED && !isUsed) {
    const reason = "The gravity has no effect: the whole image is shown, and nothing around it.";
    return [{ field: "gravity", reason, remedy: "Set fit to cover or contain, or leave gravity out." }];
  }
  if (BY_CONTENT.has(gravity) && fit !== ImageFit.COVER) {
    const reason = "Attention and entropy choose the part that is kept, and contain keeps all.";
    return [{ field: "gravity", reason, remedy: "Set fit to cover, or name a direction such as north." }];
  }
  return [];
}

function encodingMistakes({ format, quality, maxBytes, lossless, progressive }: Image): Mistake[] {
  const mistakes: Mistake[] = [];
  if (lossless && format === ImageFormat.JPEG) {
    const remedy = "Set format to webp, avif or png, or leave lossless out.";
    mistakes.push({ field: "lossless", reason: "JPEG is never lossless.", remedy });
  }
  if (lossless && (quality > 0 || maxBytes > 0)) {
    const reason = `A lossless image has no ${quality > 0 ? "quality" : "quality that could be lowered to meet maxBytes"}.`;
    mistakes.push({ field: "lossless", reason, remedy: `Keep lossless or ${quality > 0 ? "quality" : "maxBytes"}.` });
  }
  if (progressive && (format === ImageFormat.WEBP || format === ImageFormat.AVIF)) {
    const reason = "Only JPEG and PNG can be progressive.";
    mistakes.push({ field: "progressive", reason, remedy: "Leave progressive out, or set format to jpeg or png." });
  }
  return mistakes;
}
