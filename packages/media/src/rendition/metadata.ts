import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileUrl, untrusted } from "../ffmpeg/arguments.js";
import { runFfprobe } from "../ffmpeg/run.js";
import type { MediaFile, OperationWork } from "../operations/media-file.js";
import { isDecodable } from "./master-pcm.js";
import { measuredLoudness } from "./measured-loudness.js";
import type { MadeRendition } from "./transcode.js";

interface Stream {
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly profile?: string;
  readonly pix_fmt?: string;
  readonly bit_rate?: string;
  readonly channel_layout?: string;
  readonly color_space?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly color_range?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly tags?: Readonly<Record<string, string>>;
}

interface Report {
  readonly streams?: readonly Stream[];
  readonly chapters?: readonly unknown[];
  readonly format?: { readonly bit_rate?: string; readonly tags?: Readonly<Record<string, string>> };
}

/** Tags are strangers' texts: more and longer ones are left out. */
const MAX_TAGS = 200;
const MAX_TAG_LENGTH = 1000;
const DEADLINE_SECONDS = 60;

/** A description of a file as JSON, without the loudness of more than four hours. Throws PolyreelError `invalid` if its sound cannot be decoded. */
export async function metadataFile(
  { path, probe }: MediaFile,
  { signal, tempDir, track }: OperationWork & { track: number },
): Promise<MadeRendition> {
  const shown = ["-show_streams", "-show_format", "-show_chapters", "-of", "json"];
  const report: Report = JSON.parse(
    await runFfprobe([...untrusted, ...shown, "-i", fileUrl(path)], { signal, deadlineSeconds: DEADLINE_SECONDS }),
  );
  const { video, audio } = probe;
  const levels =
    audio && isDecodable(audio)
      ? await measuredLoudness(path, undefined, { signal, tempDir, found: probe, track })
      : undefined;
  const payloadPath = join(tempDir, `${randomUUID()}.json`);
  await writeFile(payloadPath, `${JSON.stringify(describe({ path, probe }, report, levels), undefined, 2)}\n`);
  const index = { format: "json", durationSeconds: video?.still ? 0 : probe.durationSeconds, encodedMegapixels: 0 };
  return { payloadPath, index };
}

function describe({ probe }: MediaFile, { streams = [], chapters = [], format }: Report, levels?: Levels): object {
  const { container, sizeBytes, durationSeconds, video } = probe;
  const picture = streams.find((one) => one.codec_type === "video" && one.disposition?.attached_pic !== 1);
  const sounds = streams.filter((one) => one.codec_type === "audio");
  const tracks = probe.tracks ?? (probe.audio ? [probe.audio] : []);
  return {
    ...{ container, sizeBytes, durationSeconds },
    ...(durationSeconds > 0 && { kbps: Math.round((sizeBytes * 8) / 1000 / durationSeconds) }),
    ...(video && {
      video: {
        codec: video.codec,
        ...text("profile", picture?.profile),
        ...{ width: video.width, height: video.height, rotationDegrees: video.rotationDegrees },
        ...(video.still ? { still: true } : { frameRate: video.frameRate, durationSeconds: video.durationSeconds }),
        ...kbps(picture),
        ...text("pixelFormat", picture?.pix_fmt),
        ...{ interlaced: video.pixels?.interlaced ?? false, alpha: video.pixels?.alpha ?? false },
        colour: {
          ...{ hdr: video.pixels?.hdr ?? false },
          ...text("primaries", picture?.color_primaries),
          ...text("transfer", picture?.color_transfer),
          ...text("matrix", picture?.color_space),
          ...text("range", picture?.color_range),
        },
      },
    }),
    audio: tracks.map(({ codec, channels, sampleRate, durationSeconds: length, language, title, track = 0 }) => ({
      ...{ track: track + 1, codec, channels, sampleRate, durationSeconds: length },
      ...kbps(sounds[track]),
      ...text("layout", sounds[track]?.channel_layout),
      ...text("language", language),
      ...text("title", title),
    })),
    ...(levels && {
      loudness: { integratedLufs: finite(levels.loudnessLufs), truePeakDbtp: finite(levels.truePeakDbtp) },
    }),
    ...{ subtitles: streams.filter((one) => one.codec_type === "subtitle").length, chapters: chapters.length },
    tags: tagsOf(format?.tags),
  };
}

interface Levels {
  readonly loudnessLufs: number;
  readonly truePeakDbtp: number;
}

/** To a tenth; silence has none. */
const finite = (level: number): number | null => (Number.isFinite(level) ? Math.round(level * 10) / 10 : null);

const text = (name: string, value: string | undefined): object =>
  value && value !== "unknown" ? { [name]: value } : {};

function kbps(stream: Stream | undefined): object {
  const bits = Number(stream?.bit_rate ?? stream?.tags?.BPS);
  return bits > 0 ? { kbps: Math.round(bits / 1000) } : {};
}

const tagsOf = (tags: Readonly<Record<string, string>> = {}): object =>
  Object.fromEntries(
    Object.entries(tags)
      .slice(0, MAX_TAGS)
      .map(([name, value]) => [name.slice(0, MAX_TAG_LENGTH), String(value).slice(0, MAX_TAG_LENGTH)]),
  );
