import { type ClipFormat, timeBase } from "./format.js";

/**
 * How clips are encoded. All clips of a canvas must have one decoder configuration, byte for byte, so nothing here may
 * depend on what is encoded. Whoever changes anything raises the settings' version (ffmpeg/build.ts).
 *
 * veryfast at CRF 20, measured on two real clips at 1080x1920: SSIM 0.9956 and 0.9929, where medium at about 2.4 times the
 * CPU has 0.9961 and 0.9933 and larger files; superfast takes 0.6 of the CPU but twice the bytes, and every byte is copied into
 * every combination.
 */
const PRESET = "veryfast";
const CRF = 20;

/** Between key frames; also how far one who seeks must decode at most. */
const KEY_FRAME_SECONDS = 2;
const B_FRAMES = 2;

/**
 * Frames between the decoding and the presentation of a clip's first frame, of every clip. Two, not one: B-frames may be
 * referred to by others (b-pyramid), and `stitchable` declares room for that whether it is used or not.
 */
export const REORDER_DELAY_FRAMES = 2;

/**
 * x264's bytes depend on the number of its threads, so it follows from the recipe, not from the machine. Of short clips many
 * are encoded at a time, and one thread each costs least; a long one would keep everybody waiting. Never two threads: with them
 * x264 gives other bytes each time (docs/decisions/0013).
 */
const LONG_CLIP_FRAMES = 900;
export const encoderThreads = (frames: number): number => (frames > LONG_CLIP_FRAMES ? 4 : 1);

/** Options of the output: an MP4 with one video track of the stream [clip]. */
export function encoderOptions(format: ClipFormat, frames: number): string[] {
  const keyFrames = Math.max(1, Math.round((KEY_FRAME_SECONDS * format.rateNumerator) / format.rateDenominator));
  const x264 = [
    "stitchable=1", // headers say what any clip may need, not what this one does
    `keyint=${keyFrames}`,
    `min-keyint=${keyFrames}`,
    "scenecut=0", // key frames at fixed places only
    "open-gop=0", // no frame refers to another clip's
    `bframes=${B_FRAMES}`,
    "b-adapt=0",
    "force-cfr=1", // one step of time, whatever timestamps round to
    // One declared colour, chroma on the left. As x264's own parameters, which it reads last: ffmpeg's options are
    // overridden by what frames declare from some version on (7.1 takes a JPEG's chroma location, 5.1 and 9.0 don't).
    ...["range=tv", "colorprim=bt709", "transfer=bt709", "colormatrix=bt709", "chromaloc=0"],
  ];
  return [
    ...["-map", "[clip]", "-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"],
    ...["-frames:v", String(frames)],
    ...["-c:v", "libx264", "-preset", PRESET, "-crf", String(CRF), "-profile:v", "high", "-pix_fmt", "yuv420p"],
    ...["-threads", String(encoderThreads(frames)), "-x264-params", x264.join(":")],
    ...["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    // No dates, no names of programs: the same recipe gives the same bytes.
    ...["-fflags", "+bitexact", "-flags:v", "+bitexact"],
    ...["-video_track_timescale", String(timeBase(format).timescale), "-f", "mp4"],
  ];
}
