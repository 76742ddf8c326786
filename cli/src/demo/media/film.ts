import type { Canvas } from "@napi-rs/canvas";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { openStage, type Scene } from "./stage.js";

const FRAME_RATE = 30;
/** High enough quality to be encoded again, and still small. */
const H264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "16"];
/** The colours of HD video. Newer ffmpegs take the marks from the frames, older ones from the options. */
const BT709 = [
  ...[
    "-vf",
    "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709",
  ],
  ...["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
];
/** Of 100. */
const STILL_QUALITY = 92;
const MAX_BYTES = 100 * 1024 ** 2;
const DEADLINE_SECONDS = 120;

export interface FilmSettings {
  /** In pixels. */
  width: number;
  height: number;
  /** Where in the scene it begins, in seconds. 0 by default. */
  start?: number;
  /** By default to the scene's end. */
  seconds?: number;
  /** WAV file. Silent by default. */
  sound?: string;
}

/** Draws a scene, and encodes it to a file. */
export async function makeFilm(scene: Scene, path: string, settings: FilmSettings, signal: AbortSignal): Promise<void> {
  const { width, height, start = 0, seconds = scene.seconds - start, sound } = settings;
  const size = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", `${width}x${height}`, "-r", String(FRAME_RATE)];
  await runFfmpeg({
    inputs: [{ stdin: true, options: size }, ...(sound ? [{ file: sound }] : [])],
    stdin: frames(scene, { width, height, start, seconds }),
    outputs: [{ file: path, options: [...H264, ...BT709, ...(sound ? ["-c:a", "aac", "-shortest"] : [])] }],
    maxOutputBytes: MAX_BYTES,
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
  });
}

/** Draws the picture of a scene at `at` seconds, as JPEG. */
export async function drawStill(
  scene: Scene,
  { width, height, at }: { width: number; height: number; at: number },
): Promise<Buffer> {
  const canvas = await openCanvas(width, height);
  drawFrame(scene, canvas, at);
  return canvas.encode("jpeg", STILL_QUALITY);
}

async function* frames(
  scene: Scene,
  { width, height, start, seconds }: Required<Omit<FilmSettings, "sound">>,
): AsyncGenerator<Buffer> {
  const canvas = await openCanvas(width, height);
  for (let frame = 0; frame < Math.round(seconds * FRAME_RATE); frame++) {
    drawFrame(scene, canvas, start + frame / FRAME_RATE);
    yield canvas.data(); // a copy
  }
}

function drawFrame(scene: Scene, canvas: Canvas, t: number): void {
  const g = canvas.getContext("2d");
  g.save();
  scene.draw(g, t, openStage(g, canvas));
  g.restore();
}

/** Loads the drawing library on first use. */
async function openCanvas(width: number, height: number): Promise<Canvas> {
  const { createCanvas } = await import("@napi-rs/canvas");
  return createCanvas(width, height);
}
