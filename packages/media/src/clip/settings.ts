import { type ClipFormat, timeBase } from "./format.js";

/**
 * How clips are encoded. All clips of a canvas must have the same decoder configuration, byte for byte, so nothing here
 * may depend on the content. Any change must raise the settings' version (ffmpeg/build.ts).
 *
 * veryfast at CRF 20, measured on two real clips at 1080x1920: SSIM 0.9956 and 0.9929, where medium at about 2.4 times
 * the CPU has 0.9961 and 0.9933 and larger files; superfast takes 0.6 of the CPU but twice the bytes, and every byte is
 * copied into every combination.
 */
const PRESET = "veryfast";
const CRF = 20;

/** Interval of key frames; also the most that must be decoded for a seek. */
const KEY_FRAME_SECONDS = 2;
const B_FRAMES = 2;

/**
 * Frames between the decoding and the presentation of a clip's first frame, the same for every clip. Two, not one:
 * other frames may refer to B-frames (b-pyramid), and `stitchable` declares room for that in any case.
 */
export const REORDER_DELAY_FRAMES = 2;

/**
 * x264's output depends on its number of threads, so that number follows from the recipe, not from the machine. Short
 * clips are encoded concurrently, with one thread each; a long one would delay everything else. Never two threads: with
 * those x264's output is not deterministic (docs/decisions/0013).
 */
const LONG_CLIP_FRAMES = 900;
export const encoderThreads = (frames: number): number => (frames > LONG_CLIP_FRAMES ? 4 : 1);

/** Output options: an MP4 with one video track of the stream [clip]. */
export function encoderOptions(format: ClipFormat, frames: number): string[] {
  const keyFrames = Math.max(1, Math.round((KEY_FRAME_SECONDS * format.rateNumerator) / format.rateDenominator));
  const x264 = [
    "stitchable=1", // Headers declare what any clip may need, not what this one uses.
    `keyint=${keyFrames}`,
    `min-keyint=${keyFrames}`,
    "scenecut=0", // Key frames at fixed positions only.
    "open-gop=0", // No frame refers to another clip's.
    `bframes=${B_FRAMES}`,
    "b-adapt=0",
    "force-cfr=1", // A constant frame duration, whatever timestamps round to.
    // One declared colour, chroma on the left. Set as x264's own parameters, which it reads last: some versions of
    // ffmpeg override options by the frames' properties (7.1 takes a JPEG's chroma location, 5.1 and 9.0 don't).
    ...["range=tv", "colorprim=bt709", "transfer=bt709", "colormatrix=bt709", "chromaloc=0"],
  ];
  return [
    ...["-map", "[clip]", "-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"],
    ...["-frames:v", String(frames)],
    ...["-c:v", "libx264", "-preset", PRESET, "-crf", String(CRF), "-profile:v", "high", "-pix_fmt", "yuv420p"],
    ...["-threads", String(encoderThreads(frames)), "-x264-params", x264.join(":")],
    ...["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    // No dates, no program names: the same recipe gives the same bytes.
    ...["-fflags", "+bitexact", "-flags:v", "+bitexact"],
    ...["-video_track_timescale", String(timeBase(format).timescale), "-f", "mp4"],
  ];
}
