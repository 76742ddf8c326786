import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { plainFfmpeg } from "../instead/ffmpeg.js";
import { FRAME_RATE, type Size } from "../scale.js";

/**
 * Camera-like footage: H.264 with sound, at a higher bit rate than outputs. ffmpeg's moving test picture encodes to
 * about 4 Mbit/s at 720x1280; each `variant` has other colours, hence other bytes.
 */
export async function makeFootage(
  folder: string,
  variant: number,
  { size, seconds, signal }: { size: Size; seconds: number; signal: AbortSignal },
): Promise<string> {
  const path = join(folder, `footage-${variant}.mp4`);
  const picture = `testsrc2=size=${size.width}x${size.height}:rate=${FRAME_RATE},hue=h=${(variant * 37) % 360}`;
  await plainFfmpeg(
    [
      ...[
        "-f",
        "lavfi",
        "-i",
        picture,
        "-f",
        "lavfi",
        "-i",
        `anoisesrc=color=pink:amplitude=0.2:seed=${variant}:r=48000`,
      ],
      ...["-t", String(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p"],
      ...["-c:a", "aac", "-ac", "2", path],
    ],
    signal,
  );
  return path;
}

/**
 * The same footage once for each of `seconds`, with that length and distinct bytes: for batches whose choices must
 * differ. `name` distinguishes them from those of other batches.
 */
export async function makeFootages(
  folder: string,
  { name, seconds, size, signal }: { name: string; seconds: readonly number[]; size: Size; signal: AbortSignal },
): Promise<string[]> {
  const longest = await makeFootage(folder, 0, { size, seconds: Math.max(...seconds), signal });
  const cut = new Map<number, Buffer>();
  const paths: string[] = [];
  for (const [i, length] of seconds.entries()) {
    const bytes = cut.get(length) ?? (await firstSeconds(longest, length, signal));
    cut.set(length, bytes);
    const path = join(folder, `copy-${i}.mp4`);
    await writeFile(path, [bytes, freeBox(`${name} ${i}`)]);
    paths.push(path);
  }
  return paths;
}

async function firstSeconds(path: string, seconds: number, signal: AbortSignal): Promise<Buffer> {
  const cut = `${path}.cut.mp4`;
  await plainFfmpeg(["-i", path, "-t", String(seconds), "-c", "copy", cut], signal);
  return readFile(cut);
}

/** A box of an MP4 that players ignore (ISO/IEC 14496-12, 8.1.2). */
function freeBox(text: string): Buffer {
  const body = Buffer.from(`free${text}`);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(size.length + body.length);
  return Buffer.concat([size, body]);
}

/** A chord, to be repeated as a bed. */
export async function makeBed(folder: string, signal: AbortSignal): Promise<string> {
  const path = join(folder, "bed.wav");
  const chord = "0.2*sin(2*PI*220*t)+0.1*sin(2*PI*330*t)";
  await plainFfmpeg(["-f", "lavfi", "-i", `aevalsrc=${chord}|${chord}:d=8:s=48000`, path], signal);
  return path;
}

/** A signal as loud and intermittent as a voice, for `seconds`. */
export async function makeVoice(folder: string, seconds: number, signal: AbortSignal): Promise<string> {
  const path = join(folder, "voice.wav");
  const voice = "0.3*sin(2*PI*180*t+8*sin(2*PI*3*t))*(0.5+0.5*sin(2*PI*4*t))";
  await plainFfmpeg(["-f", "lavfi", "-i", `aevalsrc=${voice}:d=${seconds}:s=48000`, path], signal);
  return path;
}
