import type { Watermark } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";

/**
 * SHA-256 of the image that a recipe's watermark is; undefined for a text, and without a watermark. Throws PolyreelError
 * `invalid` if the image could not be read when it was planned: only what uses it fails.
 */
export function markSource(watermark: Watermark | undefined): string | undefined {
  if (watermark?.mark.case !== "image") return undefined;
  const { location } = watermark.mark.value;
  if (location.case === "sha256") return location.value;
  throw new PolyreelError("invalid", {
    field: "watermark.image",
    reason: location.value ?? "The source is given neither by its SHA-256 nor by a URL.",
    remedy: "Check that it is a still image which can be read, then submit the batch again; or use a text.",
  });
}

/** The image of a watermark as an input of a part; none if it could not be read. */
export const markInputs = (watermark: Watermark | undefined): string[] => {
  const { location } = (watermark?.mark.case === "image" && watermark.mark.value) || {};
  return location?.case === "sha256" ? [location.value] : [];
};
