import { type ImageRecipe, Stage } from "@polyreel/contract";
import { imageFormatName } from "@polyreel/media/image";
import { markInputs } from "../mark-source.js";
import type { MediaRef } from "../media-ref.js";
import type { RequestedPartKind } from "../part-kind.js";

/** The file of an image that an operation made of a still. */
export const image = {
  name: "image",
  label: "image",
  fromSources: true,
  index: { case: "image" },
  stage: Stage.IMAGE,
  recipes: { image: { inputs: sourcesOfImage, costClass: imageClass } },
  cost: {
    unit: "megapixels",
    // Reading it costs more than making a smaller one.
    amount: ({ sourcePixels, width, height }) => (Number(sourcePixels) + width * height) / 1e6,
    isCharged: true,
    elsewhere: { each: 0.02, perUnit: 0.01 },
    bytesPerUnit: 20_000,
  },
  making: { service: "renderer", budget: "encode", load: () => import("./make-image.js") },
} as const satisfies RequestedPartKind<"image", "image", "image">;

function sourcesOfImage({ sourceSha256, image: settings }: ImageRecipe): MediaRef[] {
  return [sourceSha256, ...markInputs(settings?.watermark)]
    .filter(Boolean)
    .map((sha256) => ({ case: "source", sha256 }));
}

/** Encoders of formats differ tenfold. */
function imageClass({ image: settings }: Pick<ImageRecipe, "image">): string {
  return settings ? `image ${imageFormatName(settings.format)}` : "image";
}
