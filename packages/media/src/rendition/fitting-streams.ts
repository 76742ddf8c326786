import { AudioCodec, Deinterlace, type Transcode } from "@polyreel/contract";
import type { Size } from "../clip/geometry.js";
import type { AudioProbe, Probe, VideoProbe } from "../probe/parse.js";
import { AUDIO_CODECS, type ContainerFormat, VIDEO_CODECS } from "./formats.js";
import { videoKbps as kbpsOf } from "./video-kbps.js";

interface Fitting {
  readonly settings: Transcode;
  readonly format: ContainerFormat;
  readonly probe: Probe;
}

/** 8 bits and halved chroma, which every decoder has; absent: not known. */
const PLAYED_EVERYWHERE: readonly (string | undefined)[] = ["yuv420p", "yuvj420p", undefined];

/**
 * Whether a picture is as asked for, so that its packets can be copied: the codec, the size, nothing to change, and a bit
 * rate below the cap. A quality or a rate that is asked for needs an encode. `output`: the size asked for.
 */
export function videoFits({
  settings,
  format,
  probe,
  picture,
  output,
}: Fitting & { picture: VideoProbe; output: Size }): boolean {
  const { crop, rotate, fps, gopSeconds, trim, deinterlace, watermark } = settings;
  const { crf, videoKbps, targetMegabytes, maxVideoKbps } = settings;
  const { codec, pixels, rotationDegrees } = picture;
  if (watermark || crop || rotate > 0 || gopSeconds > 0 || trim || deinterlace === Deinterlace.ON) return false;
  if (crf !== undefined || videoKbps > 0 || targetMegabytes > 0) return false;
  if (fps > 0 && Math.abs(fps / picture.frameRate - 1) > 0.001) return false;
  const wanted = VIDEO_CODECS[settings.videoCodec];
  if (wanted ? codec !== wanted : !format.asGood.video.includes(codec)) return false;
  // An odd side is rounded for an encode.
  if (Math.abs(output.width - picture.width) > 1 || Math.abs(output.height - picture.height) > 1) return false;
  if (rotationDegrees !== 0 && !format.rotates) return false;
  const interlaced = pixels?.interlaced || pixels?.interlacedPictures;
  if (interlaced && deinterlace !== Deinterlace.OFF) return false;
  if (pixels?.hdr || pixels?.gamut || pixels?.alpha || probe.restarts) return false;
  if (!PLAYED_EVERYWHERE.includes(picture.pixelFormat)) return false;
  return maxVideoKbps === 0 || kbpsOf(probe) <= maxVideoKbps;
}

/** A rate that is a little higher than asked for is not worth an encode. */
const RATE_TOLERANCE = 1.1;

/** The same for an audio track. `channels`: of the output. */
export function audioFits({
  settings,
  format,
  probe,
  track,
  channels,
}: Fitting & { track: AudioProbe; channels: number }): boolean {
  const { audioCodec, audioKbps, loudnessLufs, trim } = settings;
  if (trim || loudnessLufs !== 0 || probe.restarts || track.channels !== channels) return false;
  const wanted = audioCodec === AudioCodec.UNSPECIFIED ? format.asGood.audio : [AUDIO_CODECS[audioCodec]];
  if (!wanted.includes(track.codec as never)) return false;
  return audioKbps === 0 || (track.kbps !== undefined && track.kbps <= audioKbps * RATE_TOLERANCE);
}
