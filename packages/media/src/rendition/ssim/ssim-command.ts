import { clone } from "@bufbuild/protobuf";
import { type Duration, durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { type Transcode, TranscodeSchema } from "@polyreel/contract";
import { seekTo } from "../../clip/seek.js";
import type { FfmpegCommandLine } from "../../ffmpeg/arguments.js";
import type { MediaFile } from "../../operations/media-file.js";
import type { PlannedVideo, TranscodePlan } from "../transcode-plan.js";
import { exactRate, videoFilters } from "../video-filters.js";
import type { Stretch } from "./stretches.js";

export interface Comparison {
  readonly settings: Transcode;
  readonly plan: TranscodePlan;
  /** Path of the drawn watermark. */
  readonly mark: string | undefined;
}

/**
 * In pictures. Encoders and containers round times, and the first picture of a trimmed stretch begins a little after it:
 * a picture of the file is compared with the one on screen at its time, and with the ones before and after that.
 */
const SHIFTS = [-0.5, 0.5, 1.5];
/** Of recordings whose rate is unknown. */
const LIKELY_RATE = 25;

/**
 * Compares a stretch of a finished file with the pictures that its encoder was given: the same filters of the input,
 * begun at that stretch. For each picture and shift its time and similarity go to standard output. Pure.
 */
export function ssimCommand(
  source: MediaFile,
  made: MediaFile,
  { settings, plan, mark }: Comparison,
  encode: NonNullable<PlannedVideo["encode"]>,
  { startSeconds, seconds }: Stretch,
): Pick<FfmpegCommandLine, "inputs" | "filterComplex" | "outputs"> {
  const { picture } = plan.video;
  const start = plan.startSeconds + startSeconds;
  const decoder = picture.decoder ? ["-c:v", picture.decoder] : [];
  const alone = ["-copyts", "-an", "-sn", "-dn"];
  const fps = exactRate(settings.fps);
  const frameSeconds = 1 / (fps || picture.frameRate || LIKELY_RATE);
  const given = videoFilters({
    ...{ settings: begunAt(settings, startSeconds), picture, place: encode.place, restarts: source.probe.restarts },
    zeroSeconds: (picture.firstPictureSeconds ?? picture.startSeconds) + start,
    // At a constant rate the first picture may be one that began before.
    ...(fps > 0
      ? { maxFrames: Math.round(seconds * fps) + SHIFTS.length }
      : { maxSeconds: seconds + SHIFTS.length * frameSeconds }),
    markInput: mark === undefined ? undefined : 2,
  });
  // Matroska delays all streams by the delay of the sound's encoder.
  const zero = (made.probe.video?.firstPictureSeconds ?? 0) + startSeconds;
  const end = (seconds - frameSeconds / 4).toFixed(6);
  const compared = SHIFTS.map((shift, i) => {
    const moved = `[given${i}]setpts=PTS-${(shift * frameSeconds).toFixed(6)}/TB[moved${i}]`;
    const printed = "metadata=mode=print:key=lavfi.ssim.All:file=-:direct=1";
    return `${moved};[made${i}][moved${i}]ssim=shortest=1,${printed}[made${i + 1}]`;
  });
  const filters = [
    given,
    // Pictures after the last one: a comparison ends with the file's pictures, not with those.
    `[v]tpad=stop=${SHIFTS.length}:stop_mode=clone,settb=AVTB,split=${SHIFTS.length}${SHIFTS.map((_, i) => `[given${i}]`).join("")}`,
    `[1:v]settb=AVTB,setpts=PTS-${zero.toFixed(6)}/TB,trim=start=-0.001:end=${end},format=yuv420p,setsar=1[made0]`,
    ...compared,
  ];
  return {
    inputs: [
      { media: source.path, options: [...decoder, ...seekTo(start, source.probe, true).inputOptions, ...alone] },
      { file: made.path, options: [...seekTo(startSeconds, made.probe, true).inputOptions, ...alone] },
      ...(mark === undefined ? [] : [{ file: mark, options: ["-f", "png_pipe"] }]),
    ],
    filterComplex: filters.join(";"),
    outputs: [{ stdout: true, options: ["-map", `[made${SHIFTS.length}]`, "-f", "null"] }],
  };
}

/** The settings as they are at a later moment of the result: a watermark may be shown for a time. */
function begunAt(settings: Transcode, startSeconds: number): Transcode {
  if (!settings.watermark?.during || startSeconds === 0) return settings;
  const later = clone(TranscodeSchema, settings);
  const during = later.watermark?.during;
  const moved = (time: Duration) => durationFromMs(Math.round(durationMs(time) - startSeconds * 1000));
  if (during?.start) during.start = moved(during.start);
  if (during?.end) during.end = moved(during.end);
  return later;
}
