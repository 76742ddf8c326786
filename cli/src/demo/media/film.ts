import type { Canvas } from "@napi-rs/canvas";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { openStage, type Scene } from "./stage.js";

const FRAME_RATE = 30;
/** High enough quality to be encoded again, and still small. */
const H264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "16"];
/** Pictures are converted with, and marked as, the colours of HD video. */
const BT709 = [
  ...["-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"],
  ...["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
];
const MAX_BYTES = 100 * 1024 ** 2;
const DEADLINE_SECONDS = 120;

export interface FilmSettings {
  /** In pixels. */
  width: number;
  height: number;
  /** By default the scene's. */
  seconds?: number;
  /** WAV file. Silent by default. */
  sound?: string;
}

/** Draws a scene, and encodes it to a file. */
export async function makeFilm(scene: Scene, path: string, settings: FilmSettings, signal: AbortSignal): Promise<void> {
  const { width, height, seconds = scene.seconds, sound } = settings;
  const size = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", `${width}x${height}`, "-r", String(FRAME_RATE)];
  await runFfmpeg({
    inputs: [{ stdin: true, options: size }, ...(sound ? [{ file: sound }] : [])],
    stdin: frames(scene, { width, height, seconds }),
    outputs: [{ file: path, options: [...H264, ...BT709, ...(sound ? ["-c:a", "aac", "-shortest"] : [])] }],
    maxOutputBytes: MAX_BYTES,
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
  });
}

/** Draws the picture of a scene at a time, as PNG or JPEG. */
export async function drawStill(
  scene: Scene,
  { width, height, seconds, format }: { width: number; height: number; seconds: number; format: "png" | "jpeg" },
): Promise<Buffer> {
  const canvas = await openCanvas(width, height);
  drawFrame(scene, canvas, seconds);
  return format === "png" ? canvas.encode("png") : canvas.encode("jpeg", 92);
}

async function* frames(scene: Scene, { width, height, seconds }: { width: number; height: number; seconds: number }) {
  const canvas = await openCanvas(width, height);
  for (let frame = 0; frame < Math.round(seconds * FRAME_RATE); frame++) {
    drawFrame(scene, canvas, frame / FRAME_RATE);
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
