import { sourceError } from "@polyreel/platform";
import type { FfprobeJson } from "./ffprobe-json.js";
import type { Probe } from "./parse.js";

/** ffmpeg's names of the containers. */
const ANIMATIONS = new Set(["gif", "apng", "webp_anim"]);
/**
 * Pixels of all pictures of an animation together: about a minute of decoding. Five minutes of 1920x1080 are half of
 * it.
 */
const MAX_PIXELS_DECODED = 20e9;
/** Fixed cost of a picture of any size, in pixels. */
const PIXELS_OF_A_PICTURE = 100_000;

/**
 * Refuses animations (GIF, APNG, WebP) that take minutes to decode. Their pictures can be tiny in the file, cannot be
 * skipped, and fill the whole canvas: some kilobytes may contain hundreds of pictures of 200 million pixels, or
 * hundreds of thousands of small ones. Throws PolyreelError `invalid`.
 */
export function assertDecodable({ container, video }: Probe, { streams = [] }: FfprobeJson): void {
  if (!video || video.still || !ANIMATIONS.has(container)) return;
  const { width, height, frameRate, durationSeconds } = video;
  const counted = streams.map(({ nb_read_packets }) => Number(nb_read_packets ?? 0));
  const pictures = Math.max(...counted, Math.round(frameRate * durationSeconds));
  if (pictures * (width * height + PIXELS_OF_A_PICTURE) <= MAX_PIXELS_DECODED) return;
  const maxPictures = Math.max(1, Math.floor(MAX_PIXELS_DECODED / (width * height + PIXELS_OF_A_PICTURE)));
  const number = (value: number) => value.toLocaleString("en-US");
  throw sourceError({
    reason: `The animation has ${number(pictures)} pictures of ${width}x${height} pixels; of that size ${number(maxPictures)} are allowed.`,
    remedy: "Make it smaller or shorter, or convert it to MP4 first.",
  });
}
