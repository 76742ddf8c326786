import { stat } from "node:fs/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RenditionIndexSchema, Transcode } from "@polyreel/contract";
import type { OperationWork } from "../operations/media-file.js";
import type { Probe, VideoProbe } from "../probe/parse.js";
import { probeMade } from "../probe/probe-made.js";
import { assertNoDifferences } from "./differences.js";
import { measuredLoudness } from "./measured-loudness.js";
import type { PlannedAudio, TranscodePlan } from "./transcode-plan.js";
import { videoKbps } from "./video-kbps.js";

interface Asked {
  readonly settings: Transcode;
  readonly plan: TranscodePlan;
  /** Of the input. */
  readonly probe: Probe;
  /** It is joined with others: `clipTrack` checks the cap, more strictly. */
  readonly isJoined: boolean;
}

/** Containers round times to milliseconds. */
const ROUNDING_SECONDS = 0.03;
/** Encoders of sound pad to whole packets, and begin with their delay. */
const SOUND_SECONDS = 0.15;
/** A cap holds over the players' buffer, of two seconds: a short file may consist of it. */
const CAP_SECONDS = 2;
const CAP_TOLERANCE = 1.15;

/**
 * Compares a finished file with what was asked for, by probing all of it; returns what was found. Throws like
 * `assertNoDifferences`: such a file is not delivered.
 */
export async function certifyTranscode(
  path: string,
  { settings, plan, probe: input, isJoined }: Asked,
  work: OperationWork,
): Promise<MessageInitShape<typeof RenditionIndexSchema>> {
  const found = await probeMade(path, work.signal);
  const kbps = videoKbps(found);
  const { video, audio } = plan;
  const kinds = [...pictureKind(found.video, plan, settings), ...soundKind(found, plan)];
  if (video.encode && settings.maxVideoKbps > 0 && !isJoined) {
    const limit = settings.maxVideoKbps * CAP_TOLERANCE * (1 + CAP_SECONDS / Math.max(video.seconds, 0.5));
    if (kbps > limit) kinds.push(`a bit rate of ${Math.round(kbps)} kbit/s, above the cap of ${settings.maxVideoKbps}`);
  }
  const { size } = await stat(path);
  if (settings.targetMegabytes > 0 && size > settings.targetMegabytes * 1e6)
    kinds.push(`${size} bytes, more than ${settings.targetMegabytes} MB`);
  const lengths = [...pictureLength(found.video, plan), ...soundLength(found, plan, input)];
  assertNoDifferences({ kinds, lengths });
  if (!found.video) return {};
  const { codec, width, height, frameRate, durationSeconds } = found.video;
  const levels =
    audio && settings.loudnessLufs !== 0 ? await measuredLoudness(path, settings.loudnessLufs, { ...work, found }) : {};
  return {
    format: plan.format.name,
    durationSeconds: found.durationSeconds,
    video: { codec, width, height, frameRate, durationSeconds, copied: !video.encode, kbps: Math.round(kbps) },
    ...(audio && found.audio && { audio: { ...soundOf(found.audio, audio), ...levels } }),
    encodedMegapixels: video.encode ? (durationSeconds * frameRate * width * height) / 1e6 : 0,
  };
}

const soundOf = (
  { codec, channels, sampleRate, durationSeconds }: NonNullable<Probe["audio"]>,
  { encode }: PlannedAudio,
) => ({ codec, channels, sampleRate, durationSeconds, copied: !encode });

function pictureKind(found: VideoProbe | undefined, { video }: TranscodePlan, { fps }: Transcode): string[] {
  if (!found) return [];
  const { codec, width, height, seconds } = video;
  return [
    ...(found.codec === codec ? [] : [`${found.codec} instead of ${codec}`]),
    ...(found.width === width && found.height === height
      ? []
      : [`a picture of ${found.width}x${found.height} instead of ${width}x${height}`]),
    // Of few frames the average is of little meaning.
    ...(fps > 0 && seconds > 1 && Math.abs(found.frameRate / fps - 1) > 0.02
      ? [`${found.frameRate.toFixed(3)} frames a second instead of ${fps}`]
      : []),
  ];
}

function pictureLength(found: VideoProbe | undefined, { video }: TranscodePlan): string[] {
  if (!found) return ["no picture"];
  const { seconds, picture } = video;
  // A frame of the input or of the output, whichever lasts longer.
  const frame = 1 / Math.max(1, Math.min(picture.frameRate || 25, found.frameRate || 25));
  return Math.abs(found.durationSeconds - seconds) <= frame + ROUNDING_SECONDS
    ? []
    : [`a picture of ${found.durationSeconds.toFixed(3)} s instead of ${seconds.toFixed(3)} s`];
}

function soundKind({ audio: found }: Probe, { audio }: TranscodePlan): string[] {
  if (!audio) return found ? ["sound that was not asked for"] : [];
  if (!found) return [];
  const { encode } = audio;
  return [
    ...(found.codec === audio.codec ? [] : [`${found.codec} instead of ${audio.codec}`]),
    ...(encode && found.channels !== encode.channels
      ? [`${found.channels} channels instead of ${encode.channels}`]
      : []),
  ];
}

function soundLength({ audio: found }: Probe, { audio, startSeconds, video }: TranscodePlan, input: Probe): string[] {
  if (!audio) return [];
  if (!found) return ["no sound"];
  const { track, encode } = audio;
  // Sound may begin later than the picture and end later, too: what is cut belongs to no picture.
  const zero = input.video?.firstPictureSeconds ?? input.video?.startSeconds ?? 0;
  const whole = track.startSeconds + track.durationSeconds - zero - startSeconds;
  const least = Math.max(0, Math.min(whole, video.seconds) - (encode ? 0 : Math.max(0, track.startSeconds - zero)));
  if (input.restarts || found.durationSeconds >= least - SOUND_SECONDS) return [];
  return [`sound of ${found.durationSeconds.toFixed(2)} s instead of ${least.toFixed(2)} s`];
}
