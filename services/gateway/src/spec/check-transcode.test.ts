import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AudioCodec,
  AudioFormat,
  Deinterlace,
  MediaContainer,
  type OutputSchema,
  SubmitBatchRequestSchema,
  type TranscodeSchema,
  VideoCodec,
  VideoEncoder,
  VideoFit,
} from "@polyreel/contract";
import { normalizeBatch } from "@polyreel/spec";
import { expect, it } from "vitest";
import { createRequestCheck } from "../server/validate.js";

type Operation = NonNullable<Exclude<MessageInitShape<typeof OutputSchema>["operation"], undefined>>;
type Settings = Omit<MessageInitShape<typeof TranscodeSchema>, "$typeName">;

const { WEBM, MOV, MKV } = MediaContainer;
const { COPY } = VideoCodec;
const check = createRequestCheck();
const source = { location: { case: "sha256" as const, value: "a".repeat(64) } };
const requestOf = (operation: Operation) =>
  create(SubmitBatchRequestSchema, { batch: { inputs: [{ source }], outputs: [{ operation }] } });
const found = (operation: Operation) =>
  check(SubmitBatchRequestSchema, requestOf(operation)).failures.map(({ field, reason }) => `${field}: ${reason}`);
const transcode = (value: Settings): Operation => ({ case: "transcode", value });
const start = { seconds: 1n };

it.each([
  [{ preset: "web-720" }, /transcode\.preset: There is no preset "web-720"\.$/],
  [{ width: 15 }, /transcode\.width: width must be an even number from 16 to 8192/],
  [{ shortSide: 720, height: 720 }, /shortSide beside width or height/],
  [{ fps: 240 }, /from 1 to 120/],
  [{ crf: 52 }, /transcode\.crf: crf 52 is beyond the scale of h264/],
  [{ crf: 20, videoKbps: 100 }, /several of crf, videoKbps and targetMegabytes/],
  [{ videoKbps: 900, maxVideoKbps: 500 }, /transcode\.videoKbps: The average of 900 kbit\/s exceeds the cap/],
  [{ container: WEBM, audioCodec: AudioCodec.AAC }, /transcode\.audioCodec: A WebM can't hold aac/],
  [
    { container: WEBM, encoder: VideoEncoder.NVENC },
    /transcode\.encoder: nvenc encodes H\.264 and HEVC, not what a WebM/,
  ],
  [{ encoder: VideoEncoder.VAAPI, videoCodec: VideoCodec.VP9 }, /transcode\.encoder: vaapi .*, not vp9/],
  [{ encoder: VideoEncoder.NVENC, videoCodec: VideoCodec.COPY }, /encoder needs an encode, and videoCodec is copy/],
  [{ container: MOV, videoCodec: VideoCodec.AV1 }, /transcode\.videoCodec: A MOV can't hold av1/],
  [{ videoCodec: COPY, width: 640 }, /transcode\.width: width needs an encode, and videoCodec is copy/],
  [{ videoCodec: COPY, ssim: {} }, /transcode\.ssim: ssim needs an encode, and videoCodec is copy/],
  [{ ssim: { min: 1.1 } }, /transcode\.ssim\.min: .*must be from 0 to 1/],
  [{ audioCodec: AudioCodec.NONE, loudnessLufs: -16 }, /transcode\.loudnessLufs: .*audioCodec is none/],
  [{ width: 640, fit: VideoFit.COVER }, /transcode\.fit: Only a box/],
  [{ trim: { start, end: start } }, /transcode\.trim\.end: The stretch ends before it begins/],
  [{ trim: { end: start, duration: start } }, /end and duration/],
  [{ rotate: 45 }, /transcode\.rotate/],
  [{ crop: { width: 1, height: 100 } }, /transcode\.crop\.width/],
  [{ channels: 5 }, /transcode\.channels/],
  [{ loudnessLufs: -3 }, /from -36 to -9 LUFS/],
] as const)("refuses %o", (settings, message) => {
  expect(found(transcode(settings as Settings))).toEqual([expect.stringMatching(message)]);
});

it.each([
  [{ case: "audio", value: { format: AudioFormat.WAV, kbps: 128 } }, /audio\.kbps: WAV is lossless/],
  [{ case: "compress", value: { quality: 1, targetMegabytes: 3 } }, /quality and targetMegabytes/],
  [{ case: "preview", value: { seconds: 31 } }, /preview\.seconds: .*from 0\.1 to 30 seconds/],
  [{ case: "preview", value: { width: 1281 } }, /preview\.width: .*even number from 16 to 1280/],
  [{ case: "preview", value: { fps: 60 } }, /preview\.fps: .*from 1 to 30/],
  [{ case: "preview", value: { segments: 21 } }, /preview\.segments: .*20/],
  [{ case: "preview", value: { seconds: 0.1, segments: 2 } }, /more segments than pictures/],
  [{ case: "preview", value: { maxMegabytes: -1 } }, /preview\.maxMegabytes: .*1000/],
  [{ case: "waveform", value: { samplesPerPixel: 256 } }, /samplesPerPixel.* are for format json/],
  [{ case: "waveform", value: { format: 1, bits: 16 } }, /bits.* for format json/],
  [{ case: "waveform", value: { format: 2, width: 100 } }, /width.* are for format png/],
  [{ case: "waveform", value: { format: 2, samplesPerPixel: 9, pixelsPerSecond: 9 } }, /each alone determines/],
  [{ case: "waveform", value: { width: 9000 } }, /waveform\.width: .*from 16 to 8192/],
  [{ case: "waveform", value: { color: "blue" } }, /waveform\.color/],
  [{ case: "waveform", value: { format: 2, bits: 12 } }, /waveform\.bits/],
  [
    { case: "waveform", value: { format: 2, pixelsPerSecond: 50_000 } },
    /waveform\.pixelsPerSecond: .*from 0\.001 to 24000/,
  ],
  [{ case: "compress", value: { videoCodec: COPY } }, /compress\.videoCodec: .*a copy is not smaller/],
] as const)("refuses %o of other operations", (operation, message) => {
  expect(found(operation)).toEqual([expect.stringMatching(message)]);
});

it("refuses sizes of combinations that no canvas allows", () => {
  const sized = (value: Settings, ...canvases: { width: number; height: number }[]) => {
    const { batch } = create(SubmitBatchRequestSchema, {
      batch: {
        canvases: canvases.map((one, i) => ({ ...one, label: `c${i}` })),
        blocks: [
          { name: "v", kind: { case: "video", value: { choices: [{ media: { case: "source", value: source } }] } } },
        ],
        outputs: [{ operation: transcode(value) }],
      },
    });
    return check(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema, { ...(batch && { batch }) })).failures.map(
      ({ field, reason }) => `${field}: ${reason}`,
    );
  };
  const [small, large] = [
    { width: 640, height: 360 },
    { width: 1080, height: 1920 },
  ];
  expect(sized({ preset: "web-1080p" }, small)).toEqual([
    "outputs[0].transcode.shortSide: The picture has 640x360 pixels: shortSide 1080 would enlarge it.",
  ]);
  expect(sized({ height: 720 }, small)).toEqual([expect.stringMatching(/^outputs\[0\]\.transcode\.height: /)]);
  expect(sized({ height: 720, upscale: true }, small)).toEqual([]);
  expect(sized({ height: 480, rotate: 90 }, small)).toEqual([]);
  expect(sized({ preset: "web-1080p" }, small, large)).toEqual([]);
});

it("accepts every preset, and copies", () => {
  for (const preset of ["web-4k", "webm-480p", "hevc-1080p", "av1-720p"])
    expect(found(transcode({ preset }))).toEqual([]);
  expect(found(transcode({ container: MKV, videoCodec: COPY, audioCodec: AudioCodec.COPY }))).toEqual([]);
});

it("normalises settings to one spelling", () => {
  const normalised = (settings: Settings) => {
    const { batch } = requestOf(transcode(settings));
    return batch && normalizeBatch(normalizeBatch(batch)).outputs[0]?.operation.value;
  };
  expect(normalised({ trim: { start, duration: { seconds: 2n, nanos: 500_000_000 } } })).toEqual(
    normalised({ trim: { start, end: { seconds: 3n, nanos: 500_000_000 } } }),
  );
  expect(normalised({ trim: {}, background: "#FF0000" })).toEqual(normalised({ background: "#ff0000" }));
  expect(normalised({ preset: "web-720p", width: 640, crf: 20 })).toMatchObject({
    ...{ preset: "", width: 640, shortSide: 0, crf: 20, maxVideoKbps: 3500, deinterlace: Deinterlace.AUTO },
  });
});
