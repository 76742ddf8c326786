import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import { MediaContainer, type Transcode, TranscodeSchema, VideoCodec } from "@polyreel/contract";

/** Settings of transcodes by name. */
export type Presets = ReadonlyMap<string, Transcode>;

type Settings = Omit<MessageInitShape<typeof TranscodeSchema>, "$typeName" | "preset">;

/**
 * Sizes by their shorter side, so that portrait recordings keep their resolution. Caps are about twice the average of
 * real footage at the default quality: they bound the peaks that stall a player. In kbit/s.
 */
const SIZES = [
  { name: "480p", shortSide: 480, h264: 1500, vp9: 1000 },
  { name: "720p", shortSide: 720, h264: 3500, vp9: 2200 },
  { name: "1080p", shortSide: 1080, h264: 6500, vp9: 4200 },
  { name: "4k", shortSide: 2160, h264: 24_000, vp9: 16_000 },
];

/** Shorter sides of the presets, in ascending order. */
export const RUNGS: readonly number[] = SIZES.map(({ shortSide }) => shortSide);

const { MP4, WEBM } = MediaContainer;

/** AV1 and HEVC need about as much as VP9. */
const BUILT_IN: readonly (readonly [string, Settings])[] = SIZES.flatMap(({ name, shortSide, h264, vp9 }) => [
  [`web-${name}`, { container: MP4, shortSide, maxVideoKbps: h264, audioKbps: 128 }] as const,
  [`webm-${name}`, { container: WEBM, shortSide, maxVideoKbps: vp9, audioKbps: 96 }] as const,
  [
    `hevc-${name}`,
    { container: MP4, videoCodec: VideoCodec.HEVC, shortSide, maxVideoKbps: vp9, audioKbps: 128 },
  ] as const,
  [
    `av1-${name}`,
    { container: WEBM, videoCodec: VideoCodec.AV1, shortSide, maxVideoKbps: vp9, audioKbps: 96 },
  ] as const,
]);

/** The presets of every installation. */
export const builtInPresets: Presets = new Map(
  BUILT_IN.map(([name, settings]) => [name, create(TranscodeSchema, settings)]),
);

/**
 * The settings with those of their preset, which is then no longer named. Fields that are set replace the preset's: a
 * size replaces its size. An unknown preset stays, for the checks to refuse.
 */
export function withPreset(settings: Transcode, presets: Presets): Transcode {
  const found = presets.get(settings.preset);
  if (!found) return settings;
  const merged = clone(TranscodeSchema, found);
  if (settings.width > 0 || settings.height > 0) merged.shortSide = 0;
  if (settings.shortSide > 0) Object.assign(merged, { width: 0, height: 0 });
  if (settings.crf !== undefined || settings.videoKbps > 0 || settings.targetMegabytes > 0) {
    delete merged.crf;
    Object.assign(merged, { videoKbps: 0, targetMegabytes: 0 });
  }
  const { $typeName, $unknown, preset, ...set } = clone(TranscodeSchema, settings);
  // Defaults count as not set: protobuf does not distinguish them.
  return Object.assign(merged, Object.fromEntries(Object.entries(set).filter(([, value]) => isSet(value))));
}

const isSet = (value: unknown): boolean => value !== undefined && value !== 0 && value !== "" && value !== false;
