import { sourceError } from "@polyreel/platform";
import type { FfprobeJson } from "./ffprobe-json.js";
import type { Probe } from "./parse.js";

/** ffmpeg's names of the containers. */
const ANIMATIONS = new Set(["gif", "apng", "webp_anim"]);
/** Pixels of all pictures of an animation together: about a minute of decoding. 1920x1080 for five minutes is half of it. */
const MAX_PIXELS_DECODED = 20e9;
/** What a picture takes however small it is, in pixels. */
const PIXELS_OF_A_PICTURE = 100_000;

/**
 * Refuses animations (GIF, APNG, WebP) that take minutes to decode. Their pictures cost nothing in the file, can't be skipped, and
 * each fills the whole canvas: some kilobytes may be hundreds of pictures of 200 million pixels, or hundreds of thousands of
 * small ones. Throws PolyreelError `invalid`.
 */
export function assertDecodable({ container, video }: Probe, { streams = [] }: FfprobeJson): void {
  if (!video || video.still || !ANIMATIONS.has(container)) return;
  const { width, height, frameRate, durationSeconds } = video;
  const counted = streams.map(({ nb_read_packets }) => Number(nb_read_packets ?? 0));
  const pictures = Math.max(...counted, Math.round(frameRate * durationSeconds));
  if (pictures * (width * height + PIXELS_OF_A_PICTURE) <= MAX_PIXELS_DECODED) return;
  const most = Math.max(1, Math.floor(MAX_PIXELS_DECODED / (width * height + PIXELS_OF_A_PICTURE)));
  const number = (value: number) => value.toLocaleString("en-US");
  throw sourceError({
    reason: `The animation has ${number(pictures)} pictures of ${width}x${height} pixels; of that size ${number(most)} are allowed.`,
    remedy: "Make it smaller or shorter, or convert it to MP4 first.",
  });
}
