import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { TranscodeSchema, VideoFit } from "@polyreel/contract";
import { expect, it } from "vitest";
import { placePicture, turnedSize } from "./picture-place.js";

const { COVER, PAD, CONTAIN } = VideoFit;
const HD = { width: 1920, height: 1080 };
const PHONE = { width: 1080, height: 1920 };
const settings = (one: MessageInitShape<typeof TranscodeSchema>) => create(TranscodeSchema, one);

it.each([
  ["as it is", HD, {}, [1920, 1080], false],
  ["by width", HD, { width: 640 }, [640, 360], false],
  ["by height", HD, { height: 480 }, [854, 480], false],
  ["by the shorter side, landscape", HD, { shortSide: 720 }, [1280, 720], false],
  ["by the shorter side, portrait", PHONE, { shortSide: 720 }, [720, 1280], false],
  ["within a box", PHONE, { width: 1280, height: 720, fit: CONTAIN }, [406, 720], false],
  ["covering a box", HD, { width: 720, height: 720, fit: COVER }, [720, 720], false],
  ["padded to a box", HD, { width: 720, height: 720, fit: PAD }, [720, 720], false],
  ["not enlarged", HD, { shortSide: 2160 }, [1920, 1080], true],
  ["enlarged", HD, { shortSide: 2160, upscale: true }, [3840, 2160], false],
  ["not enlarged to cover a box", HD, { width: 2160, height: 2160, fit: COVER }, [1080, 1080], true],
  ["not enlarged in a padded box", HD, { width: 4096, height: 2160, fit: PAD }, [4096, 2160], true],
] as const)("has the size %s", (_, picture, one, [width, height], isCapped) => {
  expect(placePicture(picture, settings(one))).toMatchObject({ output: { width, height }, isCapped });
});

it("centres a picture that is not enlarged", () => {
  const { placement } = placePicture(HD, settings({ width: 4096, height: 2160, fit: PAD }));
  expect(placement).toEqual({ scaled: HD, x: 1088, y: 540 });
});

it("refuses sides beyond what encoders take", () => {
  expect(() => placePicture({ width: 64, height: 4096 }, settings({ width: 256, upscale: true }))).toThrow(/256x16384/);
});

it("turns after the crop", () => {
  expect(turnedSize(HD, settings({ crop: { x: 0, y: 0, width: 400, height: 200 }, rotate: 270 }))).toEqual({
    width: 200,
    height: 400,
  });
});
