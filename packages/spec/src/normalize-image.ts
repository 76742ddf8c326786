import { Gravity, type Image, ImageFit, ImageFormat, type Watermark } from "@polyreel/contract";
import { fillTimeRange, isZero } from "./time-range.js";

/** Fills in the defaults of an image, in one spelling, so that one image has one recipe. Pure and idempotent. */
export function fillImage(image: Image): void {
  image.format ||= ImageFormat.JPEG;
  image.fit ||= ImageFit.INSIDE;
  image.gravity ||= Gravity.CENTER;
  image.rotate = ((image.rotate % 360) + 360) % 360;
  if (image.background) image.background = withAlpha(image.background);
  if (image.watermark) fillWatermark(image.watermark);
}

/** Fills in the defaults of a watermark, in one spelling. */
export function fillWatermark(watermark: Watermark): void {
  watermark.opacity ??= 1;
  const { during } = watermark;
  if (during) fillTimeRange(during);
  if (during && !during.end && isZero(during.start)) delete watermark.during;
  if (!watermark.tiled) watermark.gravity ||= Gravity.SOUTHEAST;
  if (watermark.mark.case === "text") watermark.color = withAlpha(watermark.color || "#ffffff");
}

/** "#rrggbb" or "#rrggbbaa" as the latter. */
const withAlpha = (color: string): string => (color.length === 7 ? `${color}ff` : color).toLowerCase();
