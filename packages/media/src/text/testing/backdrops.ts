import { type Canvas, createCanvas, ImageData, type SKRSContext2D } from "@napi-rs/canvas";
import { runFfmpeg } from "../../ffmpeg/run.js";

export const PORTRAIT = { width: 1080, height: 1920 };

type Painter = (context: SKRSContext2D) => void;

const { width, height } = PORTRAIT;

const plain =
  (colour: string): Painter =>
  (context) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
  };

/** Cells of two colours, `size` pixels wide. */
const checked =
  (size: number): Painter =>
  (context) => {
    const tile = createCanvas(2 * size, 2 * size);
    plain("#000")(tile.getContext("2d"));
    const cells = tile.getContext("2d");
    cells.fillStyle = "#fff";
    cells.fillRect(0, 0, size, size);
    cells.fillRect(size, size, size, size);
    context.fillStyle = context.createPattern(tile, "repeat") ?? "";
    context.fillRect(0, 0, width, height);
  };

const upright =
  (size: number): Painter =>
  (context) => {
    plain("#000")(context);
    context.fillStyle = "#fff";
    for (let x = 0; x < width; x += 2 * size) context.fillRect(x, 0, size, height);
  };

const diagonal =
  (size: number): Painter =>
  (context) => {
    plain("#fff")(context);
    context.strokeStyle = "#000";
    context.lineWidth = size;
    for (let x = -height; x < width; x += 2 * Math.SQRT2 * size) {
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x + height, height);
      context.stroke();
    }
  };

const gradient =
  (colours: readonly string[], [right, down]: [number, number]): Painter =>
  (context) => {
    const fill = context.createLinearGradient(0, 0, right * width, down * height);
    colours.forEach((colour, i) => {
      fill.addColorStop(i / (colours.length - 1), colour);
    });
    context.fillStyle = fill;
    context.fillRect(0, 0, width, height);
  };

/** Random cells, the same in every run: a linear congruential generator (Numerical Recipes). */
const noise =
  (size: number): Painter =>
  (context) => {
    const [columns, rows] = [Math.ceil(width / size), Math.ceil(height / size)];
    const cells = new ImageData(columns, rows);
    let state = 1;
    for (let i = 0; i < cells.data.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      cells.data[i] = i % 4 === 3 ? 255 : state >>> 24;
    }
    const small = createCanvas(columns, rows);
    small.getContext("2d").putImageData(cells, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, columns * size, rows * size);
  };

/** A page full of letters, the hardest surroundings for others. */
const page =
  (ink: string, paper: string, size: number): Painter =>
  (context) => {
    plain(paper)(context);
    context.fillStyle = ink;
    context.font = `700 ${size}px "Noto Sans", sans-serif`;
    for (let y = 0; y < height + size; y += 1.1 * size)
      context.fillText("The quick brown fox jumps over the lazy dog, again and again and again", -((y * 7) % width), y);
  };

/** Pictures on which texts are hard to read. */
const DRAWN: Readonly<Record<string, Painter>> = {
  white: plain("#fff"),
  black: plain("#000"),
  "mid grey": plain("#777"),
  red: plain("#f00"),
  green: plain("#0f0"),
  blue: plain("#00f"),
  yellow: plain("#ff0"),
  "pixel checks": checked(2),
  checks: checked(12),
  "large checks": checked(90),
  // As wide as the strokes of letters of the default size.
  stripes: upright(11),
  diagonals: diagonal(11),
  "black to white": gradient(["#000", "#fff"], [1, 0]),
  rainbow: gradient(["#f00", "#ff0", "#0f0", "#0ff", "#00f", "#f0f", "#f00"], [1, 1]),
  sky: gradient(["#fffbe8", "#a8d8ff", "#f6c6a8"], [0, 1]),
  "fine noise": noise(3),
  noise: noise(24),
  "white page": page("#111", "#fff", 58),
  "black page": page("#fff", "#000", 58),
  "small print": page("#000", "#fff", 22),
};

export const DRAWN_BACKDROPS = Object.keys(DRAWN);

export function drawnBackdrop(name: string): Canvas {
  const canvas = createCanvas(width, height);
  DRAWN[name]?.(canvas.getContext("2d"));
  return canvas;
}

/** A frame of a recording, or a still, that fills the portrait canvas. */
export async function realBackdrop(file: string, seconds: number): Promise<Canvas> {
  const chunks: Buffer[] = [];
  const fill = `scale=${width}:${height}:force_original_aspect_ratio=increase,crop=${width}:${height},format=rgba`;
  await runFfmpeg({
    inputs: [{ file, options: seconds > 0 ? ["-ss", `${seconds}`] : [] }],
    outputs: [{ stdout: true, options: ["-an", "-frames:v", "1", "-vf", fill, "-f", "rawvideo"] }],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    signal: new AbortController().signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 25,
  });
  const canvas = createCanvas(width, height);
  canvas
    .getContext("2d")
    .putImageData(new ImageData(new Uint8ClampedArray(Buffer.concat(chunks)), width, height), 0, 0);
  return canvas;
}
