import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import {
  AudioCodec,
  AudioFormat,
  CompressQuality,
  type CompressSchema,
  ImageFit,
  ImageFormat,
  type ImageSchema,
  MediaContainer,
  type OutputSchema,
  PictureFormat,
  type TranscodeSchema,
  VideoCodec,
  VideoFit,
  WaveformFormat,
  type WaveformSchema,
} from "@polyreel/contract";
import type { Random } from "../property/random.js";
import { durationOf } from "../testing/duration.js";

type OutputInit = MessageInitShape<typeof OutputSchema>;
type Operation = NonNullable<OutputInit["operation"]>;
type Settings<Schema extends GenMessage<Message>> = Omit<MessageInitShape<Schema>, "$typeName" | "$unknown">;
type Some<T> = readonly [T, ...T[]];

const { UNSPECIFIED, H264, HEVC, VP9, AV1, COPY } = VideoCodec;
/** Of each container the codecs that it holds; unset: the container's own. */
const CODECS: Some<{ container: MediaContainer; videoCodecs: Some<VideoCodec> }> = [
  { container: MediaContainer.MP4, videoCodecs: [UNSPECIFIED, H264, HEVC, VP9, AV1, COPY] },
  { container: MediaContainer.MKV, videoCodecs: [UNSPECIFIED, H264, HEVC, VP9, AV1, COPY] },
  { container: MediaContainer.WEBM, videoCodecs: [UNSPECIFIED, VP9, AV1] },
  { container: MediaContainer.MOV, videoCodecs: [UNSPECIFIED, H264, HEVC] },
];
/** Small, so that many cases are quick. */
const SIZES: Some<Settings<typeof TranscodeSchema>> = [
  { width: 64 },
  { height: 48 },
  { shortSide: 32 },
  { width: 64, height: 64, fit: VideoFit.COVER },
];
const CHANGES: Some<Settings<typeof TranscodeSchema>> = [
  { fps: 12 },
  { gopSeconds: 0.5 },
  { crf: 40 },
  { videoKbps: 100 },
  { maxVideoKbps: 200 },
  { rotate: 90 },
  { targetMegabytes: 0.2 },
  { crop: { x: 2, y: 2, width: 16, height: 16 } },
  { background: "#ff0000" },
  { loudnessLufs: -16 },
  { channels: 1 },
  { audioKbps: 64 },
  { audioCodec: AudioCodec.NONE },
  {},
];

function transcode(random: Random): Operation {
  const { container, videoCodecs } = random.pick(CODECS);
  const videoCodec = random.pick(videoCodecs);
  if (videoCodec === COPY) return { case: "transcode", value: { container, videoCodec } };
  const trim = { start: durationOf(random.pick([0, 0.2] as const)), end: durationOf(0.5) };
  const size = random.pick(SIZES);
  return { case: "transcode", value: { container, videoCodec, ...size, trim, ...random.pick(CHANGES) } };
}

const COMPRESSIONS: Some<Settings<typeof CompressSchema>> = [
  { quality: CompressQuality.LOW },
  { quality: CompressQuality.HIGH },
  { targetMegabytes: 0.2 },
  { targetMegabytes: 0.001 },
  { videoCodec: VP9 },
];

const compress = (random: Random): Operation => ({ case: "compress", value: random.pick(COMPRESSIONS) });

const audio = (random: Random): Operation => ({
  case: "audio",
  value: {
    format: random.whole(AudioFormat.UNSPECIFIED, AudioFormat.FLAC),
    ...random.pick([{ channels: 0 }, { channels: 1 }, { channels: 2 }] as const),
    loudnessLufs: random.pick([0, -20] as const),
  },
});

const IMAGES: Some<Settings<typeof ImageSchema>> = [
  { width: 32, height: 32, fit: ImageFit.COVER },
  { width: 32 },
  { width: 32, rotate: 90 },
  { maxBytes: 5000 },
  { width: 32, rotate: 33 },
  { crop: { x: 1, y: 1, width: 8, height: 8 } },
  { width: 16, keepMetadata: true },
  { width: 16, keepProfile: true },
  { width: 64, watermark: { mark: { case: "text", value: "Now" } } },
];

const image = (random: Random): Operation => ({
  case: "image",
  value: { format: random.whole(ImageFormat.UNSPECIFIED, ImageFormat.AVIF), ...random.pick(IMAGES) },
});

const thumbnail = (random: Random): Operation => ({
  case: "thumbnail",
  value: {
    width: random.pick([0, 32, 64] as const),
    at: durationOf(random.pick([0, 0.2, 5] as const)),
    format: random.whole(PictureFormat.UNSPECIFIED, PictureFormat.WEBP),
  },
});

const contactSheet = (random: Random): Operation => ({
  case: "contactSheet",
  value: { columns: random.whole(1, 4), rows: random.whole(1, 4), width: 32 },
});

const WAVEFORMS: Some<Settings<typeof WaveformSchema>> = [
  { width: 64, height: 32 },
  { width: 64, height: 33, splitChannels: true, background: "#ffffff" },
  { format: WaveformFormat.JSON },
  { format: WaveformFormat.JSON, bits: 16, splitChannels: true, pixelsPerSecond: 20 },
  { format: WaveformFormat.JSON, samplesPerPixel: 2 },
];

const waveform = (random: Random): Operation => ({ case: "waveform", value: random.pick(WAVEFORMS) });

const OPERATIONS: Some<(random: Random) => Operation> = [
  transcode,
  transcode,
  compress,
  audio,
  image,
  thumbnail,
  contactSheet,
  waveform,
];

/** An output of each of some operations with random settings, which no check refuses, and the description of a file. */
export const drawOutputs = (random: Random, count: number): OutputInit[] => [
  { name: "metadata", operation: { case: "metadata", value: {} } },
  ...Array.from({ length: count }, (_, i) => ({ name: `output-${i}`, operation: random.pick(OPERATIONS)(random) })),
];
