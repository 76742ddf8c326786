import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import type { ReadyCombination } from "./ready-parts.js";

/**
 * The alternative for clips of one encoding: ffmpeg's concat demuxer with `-c copy`, over clips and a soundtrack that
 * are ready as files. Returns a function that does it once.
 */
export async function streamCopier(
  { clips, seconds }: ReadyCombination,
  whole: string,
  folder: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const sound = join(folder, "sound.m4a");
  await plainFfmpeg(["-i", whole, "-vn", "-c", "copy", sound], signal);
  const each = seconds / clips.length;
  const list: string[] = [];
  for (const [i] of clips.entries()) {
    const clip = `stream-copied-${i}.mp4`;
    // Clips begin with key frames, so each is cut out as it was encoded.
    const cut = ["-ss", String(i * each), "-i", whole, "-an", "-t", String(each), "-c", "copy"];
    await plainFfmpeg([...cut, join(folder, clip)], signal);
    list.push(`file ${clip}`);
  }
  const listPath = join(folder, "clips.txt");
  await writeFile(listPath, list.join("\n"));
  const output = join(folder, "stream-copied.mp4");
  const inputs = ["-f", "concat", "-i", listPath, "-i", sound];
  return () => plainFfmpeg([...inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", output], signal);
}
