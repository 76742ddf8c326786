import { expect, it } from "vitest";
import { refuseUnread, refuseUnreadable, unreadable } from "./unreadable-format.js";

const heic = { kind: "heif", format: "HEIC", needsLibheif: false } as const;
const picture = { index: 0, codec_type: "video", width: 512, height: 512 };

it("names a format, what to export, and what to install", () => {
  const error = expect.objectContaining({
    code: "invalid",
    message: "The file is a picture in HEIC, which cannot be decoded here.",
    failure: expect.objectContaining({ remedy: expect.stringMatching(/^Export it as JPEG or PNG.*libheif-examples/) }),
  });
  expect(() => refuseUnreadable({ ...heic, needsLibheif: true })).toThrow(error);
  // Newer ffmpegs show the tiles of a phone's picture one by one.
  expect(() => refuseUnread(heic, { streams: [picture, picture] })).toThrow(error);
  expect(() => refuseUnread(heic, {})).toThrow(error);
});

it("leaves what ffmpeg reads", () => {
  refuseUnreadable(heic);
  refuseUnread(heic, { streams: [picture] });
  refuseUnread({ kind: "animatedWebp" }, { streams: [picture] });
  refuseUnread({ kind: "unknown" }, {});
  expect(unreadable(new Error("of ours"), heic)).toBeUndefined();
});
