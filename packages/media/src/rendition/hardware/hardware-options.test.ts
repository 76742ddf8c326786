import { expect, it } from "vitest";
import { type HardwareEncode, hardwareOptions, uploading } from "./hardware-options.js";

const quality = { codec: "h264", crf: 23, capKbps: 0 } as const;

it.each<[string, HardwareEncode, string]>([
  ["nvenc", { ...quality, encoder: "nvenc" }, "-c:v h264_nvenc -profile:v high .* -cq 23 -b:v 0$"],
  ["nvenc", { ...quality, encoder: "nvenc", codec: "hevc" }, "-c:v hevc_nvenc -profile:v main "],
  ["nvenc below a cap", { ...quality, encoder: "nvenc", capKbps: 900 }, "-cq 23 -b:v 0 -maxrate 900k -bufsize 1800k$"],
  ["nvenc at a rate", { ...quality, encoder: "nvenc", kbps: 500 }, " -b:v 500k$"],
  ["vaapi", { ...quality, encoder: "vaapi" }, "-c:v h264_vaapi -profile:v high -rc_mode CQP -qp 23$"],
  ["vaapi below a cap", { ...quality, encoder: "vaapi", capKbps: 900 }, "-rc_mode VBR -b:v 450k -maxrate 900k"],
  ["vaapi at a rate", { ...quality, encoder: "vaapi", kbps: 500 }, "-rc_mode VBR -b:v 500k$"],
  ["videotoolbox", { ...quality, encoder: "videotoolbox" }, "-c:v h264_videotoolbox .*-allow_sw 0 -q:v 54$"],
  ["videotoolbox at its worst", { ...quality, encoder: "videotoolbox", crf: 51 }, "-q:v 1$"],
  ["videotoolbox at a rate", { ...quality, encoder: "videotoolbox", kbps: 500 }, "-allow_sw 0 -b:v 500k$"],
])("sets %s", (_, encode, expected) => expect(hardwareOptions(encode).join(" ")).toMatch(new RegExp(expected)));

it("uploads pictures only to encoders that take none from memory", () => {
  expect([uploading("vaapi"), uploading("nvenc"), uploading(undefined)]).toEqual([["format=nv12", "hwupload"], [], []]);
});
