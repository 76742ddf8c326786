import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  BatchSchema,
  Gravity,
  ImageFit,
  ImageFormat,
  type ImageSchema,
  SubmitBatchRequestSchema,
} from "@polyreel/contract";
import { expect, it } from "vitest";
import { createRequestCheck } from "../server/validate.js";
import { source, video } from "../testing/checked-batch.js";

type ImageInit = MessageInitShape<typeof ImageSchema>;

const check = createRequestCheck();
const failuresOf = (value: ImageInit, rest: MessageInitShape<typeof BatchSchema> = { inputs: [{ source }] }) => {
  const batch = create(BatchSchema, { ...(rest as object), outputs: [{ operation: { case: "image", value } }] });
  return check(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema, { batch })).failures.map(
    ({ field, reason, remedy }) => ({ field, reason, remedy }),
  );
};
const text = { mark: { case: "text" as const, value: "© Shop" } };
const logo = { mark: { case: "image" as const, value: source } };

it.each<[string, ImageInit]>([
  ["nothing at all", {}],
  ["a width", { width: 800, format: ImageFormat.WEBP, quality: 70, maxBytes: 100_000 }],
  ["a box", { width: 800, height: 600, fit: ImageFit.COVER, gravity: Gravity.ATTENTION, enlarge: true }],
  ["a crop, a turn and a background", { crop: { width: 10, height: 10 }, rotate: -12.5, background: "#ffffff80" }],
  ["a lossless AVIF", { format: ImageFormat.AVIF, lossless: true }],
  ["a text", { watermark: { ...text, color: "#ff0000", font: "Noto Sans", opacity: 0, tiled: true } }],
  ["a logo", { watermark: { ...logo, gravity: Gravity.NORTH, offset: { x: 10, y: 10 }, scale: 1 } }],
])("accepts an image with %s", (_, image) => {
  expect(failuresOf(image)).toEqual([]);
});

it.each<[string, ImageInit, string, RegExp]>([
  ["a width beyond all formats", { width: 16_384 }, "width", /from 0 to 16383/],
  ["a quality above 100", { quality: 101 }, "quality", /from 0 to 100/],
  ["more than a turn", { rotate: 361 }, "rotate", /from -360 to 360/],
  ["a crop of nothing", { crop: { x: 1, height: 9 } }, "crop.width", /1/],
  ["a colour by its name", { background: "white" }, "background", /That is no colour/],
  ["cover without a box", { width: 100, fit: ImageFit.COVER }, "fit", /The fit is cover, which needs width and height/],
  ["a gravity without effect", { width: 100, gravity: Gravity.NORTH }, "gravity", /no effect/],
  [
    "attention in contain",
    { width: 9, height: 9, fit: ImageFit.CONTAIN, gravity: Gravity.ENTROPY },
    "gravity",
    /contain keeps all/,
  ],
  ["a lossless JPEG", { lossless: true }, "lossless", /JPEG is never lossless/],
  ["a lossless quality", { format: ImageFormat.WEBP, lossless: true, quality: 9 }, "lossless", /has no quality/],
  ["a progressive WebP", { format: ImageFormat.WEBP, progressive: true }, "progressive", /Only JPEG and PNG/],
  ["a watermark of nothing", { watermark: {} }, "watermark.mark", /./],
  ["an empty text", { watermark: { mark: { case: "text", value: " " } } }, "watermark.text", /shows nothing/],
  ["a watermark by attention", { watermark: { ...text, gravity: Gravity.ATTENTION } }, "watermark.gravity", /can't/],
  [
    "tiles with a gravity",
    { watermark: { ...text, tiled: true, gravity: Gravity.EAST } },
    "watermark.gravity",
    /tiled/,
  ],
  ["a coloured logo", { watermark: { ...logo, color: "#ff0000" } }, "watermark.color", /Only a text/],
  ["a logo from nowhere", { watermark: { mark: { case: "image", value: {} } } }, "watermark.image", /no location/],
  ["twice the opacity", { watermark: { ...text, opacity: 2 } }, "watermark.opacity", /from 0 to 1/],
])("refuses %s", (_, image, field, reason) => {
  expect(failuresOf(image)).toMatchObject([
    { field: `outputs[0].image.${field}`, reason: expect.stringMatching(reason) },
  ]);
});

it("refuses an image of blocks", () => {
  expect(failuresOf({}, { blocks: [video("hook")] })).toEqual([
    {
      field: "outputs[0].image",
      reason: 'Output "image" is image, which can be made of inputs only, not of blocks.',
      remedy: "Make a thumbnail of the videos, or list images under inputs instead of blocks.",
    },
  ]);
});
