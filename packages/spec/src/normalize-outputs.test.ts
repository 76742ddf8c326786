import { create, fromBinary, fromJson, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { Container, OutputSchema, PictureFormat, SubtitleFormat, WaveformFormat } from "@polyreel/contract";
import { expect, it } from "vitest";
import { normalizeOutputs } from "./normalize-outputs.js";
import { fileSuffixes } from "./operations.js";

type OutputInit = MessageInitShape<typeof OutputSchema>;

const folder = (path = "") => ({ kind: { case: "folder" as const, value: { path } } });
const normalized = (...outputs: OutputInit[]) => normalizeOutputs(outputs.map((one) => create(OutputSchema, one)));
const shown = (...outputs: OutputInit[]) => normalized(...outputs).map((output) => toJson(OutputSchema, output));

const sheet = (value: { columns?: number; rows?: number } = {}) => ({ case: "contactSheet" as const, value });

const DEFAULT = [{ folder: {} }];
const SHEET = { columns: 4, rows: 4, width: 160 };
const VIDEO = { name: "video", mp4: {}, to: DEFAULT };

it.each<[string, OutputInit[], object[]]>([
  ["none", [], [VIDEO]],
  ["an empty one", [{}], [VIDEO]],
  ["one that names its container", [{ container: Container.MP4 }], [VIDEO]],
  [
    "a destination of the former spelling",
    [{ destination: folder("spring") }],
    [{ ...VIDEO, to: [{ folder: { path: "spring" } }] }],
  ],
  [
    "a virtual one of the former spelling, with where its manifest lies",
    [{ virtual: true, destination: folder("spring") }],
    [{ ...VIDEO, to: [{ virtual: { folder: { path: "spring" } } }] }],
  ],
  [
    "pictures beside a video, which go where it goes",
    [{ poster: { seconds: 1n }, operation: sheet({ rows: 2 }), destination: folder("spring") }],
    [
      { ...VIDEO, to: [{ folder: { path: "spring" } }] },
      { name: "poster", thumbnail: { at: "1s", format: "PICTURE_FORMAT_JPEG" }, to: [{ folder: { path: "spring" } }] },
      { name: "sheet", contactSheet: { columns: 4, rows: 2, width: 160 }, to: [{ folder: { path: "spring" } }] },
    ],
  ],
  [
    "a contact sheet alone, as it was spelled beside a video",
    [{ operation: sheet() }],
    [VIDEO, { name: "sheet", contactSheet: SHEET, to: DEFAULT }],
  ],
  [
    "a contact sheet that has a name of its own",
    [{ name: "frames", operation: sheet() }],
    [{ name: "frames", contactSheet: SHEET, to: DEFAULT }],
  ],
  [
    "a contact sheet alone that has a key, in Unicode NFC",
    [{ operation: sheet(), as: "cafe\u0301.jpg" }],
    [{ name: "sheet", contactSheet: SHEET, to: DEFAULT, as: "caf\u00e9.jpg" }],
  ],
  [
    "every operation",
    [
      { operation: { case: "subtitles", value: {} } },
      { operation: { case: "subtitles", value: { format: SubtitleFormat.VTT } } },
      { operation: { case: "audio", value: {} } },
      { operation: { case: "compress", value: {} } },
      { operation: { case: "preview", value: { start: {} } } },
      { operation: { case: "waveform", value: { color: "#FF0000" } } },
      { operation: { case: "waveform", value: { format: WaveformFormat.JSON } } },
      { operation: { case: "thumbnail", value: {} } },
      { operation: sheet() },
    ],
    [
      { name: "subtitles", subtitles: { format: "SUBTITLE_FORMAT_SRT" }, to: DEFAULT },
      { name: "subtitles-2", subtitles: { format: "SUBTITLE_FORMAT_VTT" }, to: DEFAULT },
      { name: "audio", audio: { format: "AUDIO_FORMAT_M4A" }, to: DEFAULT },
      {
        name: "compressed",
        compress: { quality: "COMPRESS_QUALITY_MEDIUM", videoCodec: "VIDEO_CODEC_H264" },
        to: DEFAULT,
      },
      {
        name: "preview",
        preview: { format: "PREVIEW_FORMAT_GIF", seconds: 3, width: 320, fps: 10, segments: 1 },
        to: DEFAULT,
      },
      {
        name: "waveform",
        waveform: { format: "WAVEFORM_FORMAT_PNG", width: 1800, height: 280, color: "#ff0000" },
        to: DEFAULT,
      },
      { name: "waveform-2", waveform: { format: "WAVEFORM_FORMAT_JSON", bits: 8 }, to: DEFAULT },
      { name: "poster", thumbnail: { at: "0s", format: "PICTURE_FORMAT_JPEG" }, to: DEFAULT },
      { name: "sheet", contactSheet: SHEET, to: DEFAULT },
    ],
  ],
  [
    "several without names",
    [{ operation: { case: "mp4", value: {} } }, { to: [folder("a")] }, { name: "video-2" }],
    [VIDEO, { name: "video-3", mp4: {}, to: [{ folder: { path: "a" } }] }, { name: "video-2", mp4: {}, to: DEFAULT }],
  ],
])("fills in the defaults of %s", (_, given, expected) => {
  expect(shown(...given)).toEqual(expected);
  const once = normalized(...given);
  expect(normalizeOutputs(once)).toEqual(once);
});

it.each<[string, OutputInit[], string[]]>([
  [
    "a poster and a sheet have the names they had",
    [{ poster: {}, operation: sheet() }],
    [".mp4", ".jpg", ".sheet.jpg"],
  ],
  [
    "a second of a kind is named for itself",
    [
      {},
      { name: "draft" },
      { name: "small", operation: { case: "thumbnail", value: {} } },
      { name: "large", operation: { case: "thumbnail", value: {} } },
    ],
    [".mp4", ".draft.mp4", ".jpg", ".large.jpg"],
  ],
  [
    "each format has its own",
    [
      { operation: { case: "thumbnail", value: { format: PictureFormat.WEBP } } },
      { operation: { case: "subtitles", value: {} } },
      { operation: { case: "subtitles", value: { format: SubtitleFormat.VTT } } },
      { operation: { case: "audio", value: {} } },
    ],
    [".webp", ".srt", ".vtt", ".m4a"],
  ],
  [
    "none shares another's",
    [
      { operation: { case: "thumbnail", value: {} } },
      { name: "sheet", operation: { case: "thumbnail", value: {} } },
      { name: "frames", operation: sheet() },
    ],
    [".jpg", ".sheet.jpg", ".frames.jpg"],
  ],
])("names files: %s", (_, given, expected) => {
  expect(fileSuffixes(normalized(...given))).toEqual(expected);
});

it("reads a batch stored by an earlier release", () => {
  // container, destination, poster, contact_sheet: fields 1 to 4.
  const stored = Uint8Array.from([8, 1, 18, 4, 10, 2, 10, 0, 26, 2, 8, 2, 34, 2, 8, 3]);
  expect(shown(fromBinary(OutputSchema, stored))).toEqual([
    VIDEO,
    { name: "poster", thumbnail: { at: "2s", format: "PICTURE_FORMAT_JPEG" }, to: DEFAULT },
    { name: "sheet", contactSheet: { ...SHEET, columns: 3 }, to: DEFAULT },
  ]);
  const json = { container: "CONTAINER_MP4", poster: "2s", contactSheet: { columns: 3 } };
  expect(shown(fromJson(OutputSchema, json))).toEqual(shown(fromBinary(OutputSchema, stored)));
});

it("leaves an unknown format for the checks to refuse", () => {
  const outputs = normalized(
    { operation: { case: "thumbnail", value: { format: 99 as PictureFormat } } },
    { operation: { case: "subtitles", value: { format: 99 as SubtitleFormat } } },
  );
  expect(outputs.map(({ operation }) => operation.value)).toMatchObject([{ format: 99 }, { format: 99 }]);
  expect(fileSuffixes(outputs)).toEqual([".jpg", ".srt"]);
});
