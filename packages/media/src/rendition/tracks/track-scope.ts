import { create } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  AudioCodec,
  MediaContainer,
  type RenditionRecipe,
  type Transcode,
  TranscodeSchema,
  VideoCodec,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type FrameRate, frameRateFraction } from "../../clip/format.js";
import type { Probe } from "../../probe/parse.js";
import { BITS_PER_SECOND } from "../../sound/aac.js";
import { hardwareOf } from "../hardware/hardware-encoder.js";
import { planTranscode } from "../transcode-plan.js";

/** Rates that differ less are the same: 29.97 means 30000/1001, and 30 does not. */
const SAME_RATE = 0.0005;

/** The containers and codecs that there is a joiner for. */
const JOINED: { readonly [C in MediaContainer]?: readonly VideoCodec[] } = {
  [MediaContainer.MP4]: [VideoCodec.UNSPECIFIED, VideoCodec.H264, VideoCodec.HEVC],
  [MediaContainer.WEBM]: [VideoCodec.UNSPECIFIED, VideoCodec.VP9],
};
const JOINED_SOUND: { readonly [C in MediaContainer]?: readonly AudioCodec[] } = {
  [MediaContainer.MP4]: [AudioCodec.UNSPECIFIED, AudioCodec.AAC, AudioCodec.COPY, AudioCodec.NONE],
  [MediaContainer.WEBM]: [AudioCodec.UNSPECIFIED, AudioCodec.OPUS, AudioCodec.NONE],
};

/**
 * Whether a transcode of a combination can be made clip by clip and joined: only settings that work picture by picture or
 * on the sound alone, for a codec with a joiner, and not those that leave the picture as it is. `joined`: as the joined
 * video will be probed. False if the settings are impossible: the transcode of the whole has the error. Pure.
 */
export function isMadeOfTracks(settings: Transcode, joined: Probe): boolean {
  const { container, videoCodec, audioCodec, gopSeconds, targetMegabytes, trim, watermark, channels, ssim, encoder } =
    settings;
  if (!JOINED[container]?.includes(videoCodec) || !JOINED_SOUND[container]?.includes(audioCodec)) return false;
  // Key frames at exact times of the whole do not fall on the borders of clips; a size, a stretch and a similarity are of
  // the whole.
  if (gopSeconds > 0 || targetMegabytes > 0 || trim || ssim || channels > 2) return false;
  if (hardwareOf(encoder)) return false; // Streams of hardware do not share their headers.
  const during = watermark?.during;
  if (during?.end || (during?.start && durationMs(during.start) > 0)) return false;
  try {
    // A cap alone is no reason for an encode of every clip: the rate of the whole decides.
    return planTranscode(create(TranscodeSchema, { ...settings, maxVideoKbps: 0 }), joined).video.encode !== undefined;
  } catch (error) {
    if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
    return false;
  }
}

/**
 * Rate and number of frames of a clip after a transcode; undefined if its end does not fall on a frame at that rate: then it
 * can't be made alone. Pure.
 */
export function rateAfter(
  { fps }: Pick<Transcode, "fps">,
  own: FrameRate,
  frames: number,
): { rate: FrameRate; frames: number } | undefined {
  const isOwn = fps === 0 || Math.abs((fps * own.denominator) / own.numerator - 1) < SAME_RATE;
  if (isOwn) return { rate: own, frames };
  const rate = frameRateFraction(fps);
  const after = frames * own.denominator * rate.numerator;
  const unit = own.numerator * rate.denominator;
  return after % unit === 0 ? { rate, frames: after / unit } : undefined;
}

/** Whether the packets of a soundtrack are used as they are, with or without sound in the result. Pure. */
export function keepsSound({ container, audioCodec, audioKbps, channels, loudnessLufs }: Transcode): boolean {
  if (audioCodec === AudioCodec.COPY) return true;
  const isLowEnough = audioKbps === 0 || BITS_PER_SECOND / 1000 <= audioKbps * RATE_TOLERANCE;
  return container === MediaContainer.MP4 && isLowEnough && channels !== 1 && loudnessLufs === 0;
}

/** As for sound of files (fitting-streams.ts). */
const RATE_TOLERANCE = 1.1;

/** The settings of a transcode that concern the picture: equal ones share their tracks. */
export const clipSettings = (settings: Transcode): Transcode =>
  create(TranscodeSchema, {
    ...settings,
    ...{ audioCodec: AudioCodec.NONE, audioKbps: 0, channels: 0, loudnessLufs: 0 },
  });

/** Those that concern the sound. */
export const soundSettings = ({ container, audioCodec, audioKbps, channels, loudnessLufs }: Transcode): Transcode =>
  create(TranscodeSchema, { container, audioCodec, audioKbps, channels, loudnessLufs });

type Recipe = Pick<RenditionRecipe, "input" | "operation">;

/** Whether a recipe is that of a soundtrack as a track: a transcode of a join without clips. */
export const isSoundTrack = <R extends Recipe>(
  recipe: R,
): recipe is R & { operation: Extract<Recipe["operation"], { case: "transcode" }> } =>
  recipe.operation.case === "transcode" && recipe.input.case === "join" && recipe.input.value.clipHashes.length === 0;
