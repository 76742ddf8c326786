import { join } from "node:path";

/** More frames are encoded by four threads, fewer by one, as by Polyreel. */
const SHORT_FRAMES = 240;

/** One ffmpeg command that decodes a file once and encodes its picture at each height; the sound is copied. */
export function transcodeArguments(
  path: string,
  { folder, frames, heights }: { folder: string; frames: number; heights: readonly number[] },
): string[] {
  const threads = String(frames > SHORT_FRAMES ? 4 : 1);
  const split = `[0:v]split=${heights.length}${heights.map((_, i) => `[in${i}]`).join("")}`;
  const scaled = heights.map((height, i) => `[in${i}]scale=-2:${height}[v${i}]`);
  const encoder = ["-c:v", "libx264", "-preset", "medium", "-profile:v", "high", "-crf", "23", "-g", "150"];
  const outputs = heights.flatMap((height, i) => [
    ...["-map", `[v${i}]`, "-map", "0:a", ...encoder, "-threads", threads, "-pix_fmt", "yuv420p", "-c:a", "copy"],
    ...["-movflags", "+faststart", join(folder, `instead-${height}.mp4`)],
  ]);
  return ["-filter_complex_threads", threads, "-i", path, "-filter_complex", [split, ...scaled].join(";"), ...outputs];
}
