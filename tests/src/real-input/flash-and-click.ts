import { join } from "node:path";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { pcmValues } from "@polyreel/media/sound";
import { brightness, decodedSound } from "@polyreel/media/testing";
import { mono } from "./mono.js";

const SAMPLE_RATE = 48_000;
/** Interval of white frames, each with a tone of one frame: the first at frame 5. */
export const PERIOD_FRAMES = 15;
const FIRST_FRAME = 5;

export interface FlashAndClick {
  /** Frames per second, as a fraction. */
  readonly rate?: readonly [number, number];
  readonly seconds?: number;
  /** Start times of video and audio in the file. They are in sync nevertheless. */
  readonly pictureAt?: number;
  readonly soundAt?: number;
  /** Two of three frames are dropped (no flashes), and the others keep their times. */
  readonly uneven?: boolean;
  /** Codecs of video and audio. */
  readonly codecs?: readonly string[];
}

const bounds = { signal: new AbortController().signal, deadlineSeconds: 60, maxOutputBytes: 1 << 28 };

/** A black and silent film with flashes and clicks; the extension selects the container. */
export async function makeFlashAndClick(folder: string, name: string, film: FlashAndClick = {}): Promise<string> {
  const { rate = [30, 1], seconds = 2, pictureAt = 0, soundAt = 0, uneven = false, codecs = ["-c:a", "aac"] } = film;
  const frame = `${rate[1]}/${rate[0]}`;
  const inFilm = `mod(t+${soundAt - pictureAt}+${PERIOD_FRAMES}*${frame},${PERIOD_FRAMES}*${frame})`;
  const isClick = `between(${inFilm},${FIRST_FRAME}*${frame},${FIRST_FRAME + 1}*${frame})`;
  const white = `drawbox=c=white:t=fill:enable='eq(mod(n,${PERIOD_FRAMES}),${FIRST_FRAME})'`;
  const left = `select='not(mod(n,3))+eq(mod(n,${PERIOD_FRAMES}),${FIRST_FRAME})'`;
  const path = join(folder, name);
  await runFfmpeg({
    ...bounds,
    inputs: [
      {
        lavfi: `color=black:s=64x64:r=${rate.join("/")}:d=${seconds},${white}${uneven ? `,${left}` : ""}`,
        options: ["-itsoffset", String(pictureAt)],
      },
      {
        lavfi: `aevalsrc='0.4*sin(2*PI*1000*t)*${isClick}':s=48000:d=${seconds}`,
        options: ["-itsoffset", String(soundAt)],
      },
    ],
    outputs: [
      {
        file: path, // No frames inserted before the first one.
        options: ["-fps_mode", "passthrough", "-pix_fmt", "yuv420p", ...codecs],
      },
    ],
  });
  return path;
}

/**
 * The film from `start` seconds on, without re-encoding: it begins between key frames, and an edit list hides the
 * earlier part.
 */
export async function cutWithoutEncoding(folder: string, name: string, path: string, start: number): Promise<string> {
  const cut = join(folder, name);
  await runFfmpeg({
    ...bounds,
    inputs: [{ file: path, options: ["-ss", String(start)] }],
    outputs: [{ file: cut, options: ["-c", "copy"] }],
  });
  return cut;
}

/** A flash in a video, and the delay of its click in seconds. */
export interface Offset {
  readonly frame: number;
  readonly seconds: number;
}

/** Every flash of a video. NaN if there is no click within 0.2 s. */
export async function offsetsIn(path: string, rate: readonly [number, number]): Promise<Offset[]> {
  const levels = await brightness(path);
  const sound = pcmValues(await decodedSound(path));
  return levels.flatMap((level, frame) => {
    if (level < 128) return [];
    const seconds = (frame * rate[1]) / rate[0];
    return [{ frame, seconds: onsetNear(sound, seconds) - seconds }];
  });
}

/** When the sound around a time reaches half its height. */
function onsetNear(sound: Float32Array, seconds: number): number {
  const from = Math.round((seconds - 0.2) * SAMPLE_RATE);
  const near = mono(sound, from, 0.4 * SAMPLE_RATE).map(Math.abs);
  const peak = near.reduce((highest, value) => Math.max(highest, value), 0);
  return peak < 0.05 ? Number.NaN : (from + near.findIndex((value) => value > peak / 2)) / SAMPLE_RATE;
}
