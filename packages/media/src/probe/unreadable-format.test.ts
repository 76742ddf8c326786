import { expect, it } from "vitest";
import { refuseTiles, refuseUnreadable, unreadable } from "./unreadable-format.js";

const heic = { kind: "heif", format: "HEIC", needsLibheif: false } as const;
const picture = { index: 0, codec_type: "video", width: 512, height: 512 };

it("names the format, what to export, and what to install", () => {
  const error = expect.objectContaining({
    code: "invalid",
    message: "The file is a picture in HEIC, which cannot be decoded here.",
    failure: expect.objectContaining({ remedy: expect.stringMatching(/^Export it as JPEG or PNG.*libheif-examples/) }),
  });
  expect(() => refuseUnreadable({ ...heic, needsLibheif: true })).toThrow(error);
  // Newer ffmpegs report the tiles of a phone's picture individually.
  expect(() => refuseTiles(heic, { streams: [picture, picture] })).toThrow(error);
  expect(() => refuseTiles(heic, {})).toThrow(error);
});

it("accepts what ffmpeg reads", () => {
  refuseUnreadable(heic);
  refuseTiles(heic, { streams: [picture] });
  refuseTiles({ kind: "animatedWebp" }, { streams: [picture] });
  refuseTiles({ kind: "unknown" }, {});
  expect(unreadable(new Error("of ours"), heic)).toBeUndefined();
});
