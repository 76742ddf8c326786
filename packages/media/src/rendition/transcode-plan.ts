import { durationMs } from "@bufbuild/protobuf/wkt";
import { AudioCodec, type TimeRange, type Transcode, VideoCodec } from "@polyreel/contract";
import { sourceError } from "@polyreel/platform";
import { enlargementFault } from "@polyreel/spec";
import type { AudioProbe, Probe, VideoProbe } from "../probe/parse.js";
import { requireVideo, soundTrack, type VideoRemedies } from "../probe/require.js";
import { assertRate } from "./audio-options.js";
import { audioFits, videoFits } from "./fitting-streams.js";
import {
  AUDIO_CODECS,
  type ContainerFormat,
  type EncodedAudioCodec,
  type EncodedVideoCodec,
  formatOf,
  VIDEO_CODECS,
} from "./formats.js";
import { assertMasterable } from "./master-pcm.js";
import { type PicturePlace, placePicture, turnedSize } from "./picture-place.js";
import { targetKbps } from "./target-rate.js";

/** What a transcode does with a file's streams; all impossible settings are refused by then. */
export interface TranscodePlan {
  readonly format: ContainerFormat;
  /** The stretch of the input, from its first picture. */
  readonly startSeconds: number;
  /** Undefined: to its end. */
  readonly endSeconds?: number;
  readonly video: PlannedVideo;
  readonly audio?: PlannedAudio;
  /** Settings that are not followed as given, in sentences. */
  readonly warnings: readonly string[];
}

export interface PlannedVideo {
  readonly picture: VideoProbe;
  /** Undefined: the packets are copied. */
  readonly encode?: { readonly codec: EncodedVideoCodec; readonly place: PicturePlace };
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** Frames a second, on average. */
  readonly frameRate: number;
  readonly seconds: number;
}

export interface PlannedAudio {
  readonly track: AudioProbe;
  readonly encode?: { readonly codec: EncodedAudioCodec; readonly channels: number; readonly kbps: number };
  readonly codec: string;
}

/** A normalised specification. */
export type Settings = Transcode;

/**
 * Decides about each stream: copied or encoded, and how; pure. `track`: audio track from 1; 0: the default one. Throws
 * PolyreelError `invalid` with the setting as field.
 */
export function planTranscode(settings: Settings, probe: Probe, { track = 0 }: { track?: number } = {}): TranscodePlan {
  const format = formatOf(settings.container);
  const picture = requireVideo(probe, REMEDIES);
  const stretch = stretchOf(settings, picture);
  assertMarkShown(settings, stretch.seconds);
  const warnings: string[] = [];
  const video = planVideo(settings, { format, probe, picture }, stretch.seconds, warnings);
  const audio = planAudio(settings, { format, probe, seconds: stretch.seconds }, track, warnings);
  if (settings.targetMegabytes > 0) targetKbps({ video, ...(audio && { audio }) }, settings.targetMegabytes);
  return { format, ...stretch, video, ...(audio && { audio }), warnings };
}

const REMEDIES: VideoRemedies = {
  sound: "Use a video, or the output audio for its sound.",
  still: "Use a video, or the output image for a still.",
};

const secondsOf = (duration: TimeRange["start"]): number => (duration ? durationMs(duration) / 1000 : 0);

function stretchOf(
  { trim }: Settings,
  { durationSeconds, frameRate }: VideoProbe,
): { startSeconds: number; endSeconds?: number; seconds: number } {
  if (!trim) return { startSeconds: 0, seconds: durationSeconds };
  const startSeconds = secondsOf(trim.start);
  const long = `${durationSeconds.toFixed(2)} s`;
  if (startSeconds >= durationSeconds) {
    throw sourceError({
      field: "trim.start",
      reason: `It would begin at ${startSeconds.toFixed(2)} s, but the video is only ${long} long.`,
      remedy: `Choose a start below ${long}.`,
    });
  }
  if (!trim.end) return { startSeconds, seconds: durationSeconds - startSeconds };
  const endSeconds = secondsOf(trim.end);
  if (endSeconds > durationSeconds + 1 / (frameRate || 1)) {
    throw sourceError({
      field: "trim.end",
      reason: `It would end at ${endSeconds.toFixed(2)} s, but the video is only ${long} long.`,
      remedy: `Choose an end up to ${long}, or leave it out.`,
    });
  }
  return { startSeconds, endSeconds, seconds: Math.min(endSeconds, durationSeconds) - startSeconds };
}

/** A mark whose time begins beyond the end would never be shown. */
function assertMarkShown({ watermark }: Settings, seconds: number): void {
  const start = secondsOf(watermark?.during?.start);
  if (start === 0 || start < seconds) return;
  throw sourceError({
    field: "watermark.during.start",
    reason: `The watermark would begin at ${start.toFixed(2)} s, but the result is only ${seconds.toFixed(2)} s long.`,
    remedy: `Choose a start below ${seconds.toFixed(2)} s.`,
  });
}

interface Known {
  readonly format: ContainerFormat;
  readonly probe: Probe;
}

function planVideo(
  settings: Settings,
  { format, probe, picture }: Known & { picture: VideoProbe },
  seconds: number,
  warnings: string[],
): PlannedVideo {
  const { codec, width, height, frameRate } = picture;
  const copied: PlannedVideo = { picture, codec, width, height, frameRate, seconds };
  if (settings.videoCodec === VideoCodec.COPY) {
    if (format.holds && !format.holds.video.includes(codec)) throw cannotHold("videoCodec", codec, format);
    return copied;
  }
  const turned = turnedSize(picture, settings);
  const fault = enlargementFault(turned, settings);
  if (fault) throw sourceError(fault);
  const place = placePicture(turned, settings);
  if (place.isCapped) {
    const { width, height } = place.placement.scaled;
    warnings.push(`The picture is smaller than asked for and keeps ${width}x${height}: upscale enlarges it.`);
  }
  const wanted = VIDEO_CODECS[settings.videoCodec];
  if (videoFits({ settings, format, probe, picture, output: place.output })) return copied;
  const encoded = wanted ?? format.video;
  if (encoded === "av1") assertAv1Size(place.output);
  return {
    ...{ picture, codec: encoded, ...place.output, frameRate: settings.fps || frameRate, seconds },
    encode: { codec: encoded, place },
  };
}

/** SVT-AV1 takes no smaller pictures. */
const LEAST_AV1_SIDE = 64;

function assertAv1Size({ width, height }: PicturePlace["output"]): void {
  if (Math.min(width, height) >= LEAST_AV1_SIDE) return;
  throw sourceError({
    field: "videoCodec",
    reason: `AV1 is encoded from ${LEAST_AV1_SIDE}x${LEAST_AV1_SIDE} pixels on, and the picture would have ${width}x${height}.`,
    remedy: "Choose another codec, or a larger size.",
  });
}

function planAudio(
  settings: Settings,
  { format, probe, seconds }: Known & { seconds: number },
  number: number,
  warnings: string[],
): PlannedAudio | undefined {
  const { audioCodec, loudnessLufs, channels: asked } = settings;
  if (audioCodec === AudioCodec.NONE) return undefined;
  if (!probe.audio && number === 0) {
    if (audioCodec === AudioCodec.UNSPECIFIED && loudnessLufs === 0) return undefined;
    throw sourceError({
      field: audioCodec === AudioCodec.UNSPECIFIED ? "loudnessLufs" : "audioCodec",
      reason: "The file has no sound.",
      remedy: "Leave the setting out, or write audioCodec: none.",
    });
  }
  const track = soundTrack(probe, number);
  if (audioCodec === AudioCodec.COPY) {
    if (format.holds && !format.holds.audio.includes(track.codec)) throw cannotHold("audioCodec", track.codec, format);
    return { track, codec: track.codec };
  }
  assertMasterable(loudnessLufs, { durationSeconds: Math.min(track.durationSeconds, seconds) }, probe);
  if (asked > track.channels)
    warnings.push(
      `The sound has ${track.channels === 1 ? "one channel" : `${track.channels} channels`} and keeps them.`,
    );
  const channels = channelsOf(asked || 2, track.channels);
  if (audioFits({ settings, format, probe, track, channels })) return { track, codec: track.codec };
  const encode = soundEncode(settings, format, channels);
  return { track, codec: encode.codec, encode };
}

/** How sound is encoded. */
export function soundEncode(
  { audioCodec, audioKbps }: Pick<Settings, "audioCodec" | "audioKbps">,
  format: ContainerFormat,
  channels: number,
): NonNullable<PlannedAudio["encode"]> {
  const codec = AUDIO_CODECS[audioCodec] ?? format.audio;
  const kbps = audioKbps || DEFAULT_KBPS[codec] * (channels / 2);
  assertRate("audioKbps", codec, kbps, channels);
  return { codec, channels, kbps };
}

/** For stereo. Opus needs less for the same quality. */
const DEFAULT_KBPS: Record<EncodedAudioCodec, number> = { aac: 128, opus: 96 };

/** 1, 2 or 6: other layouts are mixed down. */
const channelsOf = (asked: number, own: number): number => (own >= 6 && asked >= 6 ? 6 : Math.min(asked, own, 2) || 1);

const cannotHold = (field: string, codec: string, { name }: ContainerFormat) =>
  sourceError({
    field,
    reason: `The file has ${codec}, which ${name} can't hold.`,
    remedy: `Leave ${field} out, and it is encoded; or choose another container.`,
  });
