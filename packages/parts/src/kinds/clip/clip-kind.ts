import { type ClipRecipe, type Format, Stage } from "@polyreel/contract";
import type { MediaRef } from "../media-ref.js";
import type { RequestedPartKind } from "../part-kind.js";

/** Bits per pixel of a frame: real footage and flat graphics differ tenfold. */
const BITS_A_PIXEL = 0.06;

/** H.264 packets of one clip on the canvas, or of the transition between two. */
export const clip = {
  name: "clip",
  label: "clip",
  fromSources: true,
  index: { case: "clip", payloadBytes: ({ sizes }) => sizes.reduce((sum, size) => sum + size, 0) },
  stage: Stage.CLIP,
  recipes: {
    clip: { inputs: sourcesOfClip, costClass: clipClass },
    transition: {
      inputs: ({ from, to }) => [from, to].flatMap((side) => (side ? sourcesOfClip(side) : [])),
      // A transition belongs to the clips it joins.
      costClass: ({ from }) => clipClass(from ?? { still: false }),
    },
  },
  cost: {
    unit: "megapixels",
    amount: ({ sizes, width, height }) => (sizes.length * width * height) / 1e6,
    isCharged: true,
    elsewhere: { each: 0.25, perUnit: 0.011 },
    bytesPerUnit: (1e6 * BITS_A_PIXEL) / 8,
  },
  making: { service: "renderer", budget: "encode", load: () => import("./make-clip.js") },
} as const satisfies RequestedPartKind<"clip", "clip", "clip" | "transition">;

function sourcesOfClip({ sourceSha256, backgroundSha256, texts }: ClipRecipe): MediaRef[] {
  const hashes = [sourceSha256, backgroundSha256, ...texts.map(({ fontSha256 }) => fontSha256)];
  return hashes.filter(Boolean).map((sha256) => ({ case: "source", sha256 }));
}

/** Clips of one class take about as long for each pixel, and as many bytes. */
function clipClass({ format, still }: { still: boolean; format?: Format | undefined }): string {
  return `clip ${format?.width ?? 0}x${format?.height ?? 0} ${still ? "still" : "footage"}`;
}
