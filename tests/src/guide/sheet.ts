import { readFile } from "node:fs/promises";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { probe } from "@polyreel/media/probe";
import sharp, { type OverlayOptions } from "sharp";

const { signal } = new AbortController();

/** In pixels. */
const GAP = 6;
const MAX_TILE_HEIGHT = 480;
const GROUND = "#18181b";
const JPEG = { quality: 72, progressive: true, mozjpeg: true };

/** A picture file, or a frame of a video at a share of its length. */
export interface Tile {
  file: string;
  /** From 0 to 1. */
  at: number;
}

interface Picture {
  data: Buffer;
  width: number;
  height: number;
  raw?: { width: number; height: number; channels: 3 };
}

/** Arranges tiles in rows, each row's tiles as high as fits the sheet's width in pixels. Progressive JPEG. */
export async function makeSheet(
  tiles: readonly Tile[],
  { width = 960, columns = tiles.length }: { width?: number; columns?: number } = {},
): Promise<Buffer> {
  if (tiles.length === 0) throw new Error("A sheet has no tiles: name files that the batch makes.");
  const pictures = await readTiles(tiles);
  const placed: OverlayOptions[] = [];
  let [right, bottom] = [0, GAP];
  for (let first = 0; first < pictures.length; first += columns) {
    const row = pictures.slice(first, first + columns);
    const aspect = row.reduce((sum, picture) => sum + picture.width / picture.height, 0);
    const height = Math.min(MAX_TILE_HEIGHT, Math.floor((width - GAP * (row.length + 1)) / aspect));
    let left = GAP;
    for (const picture of row) {
      const { data, info } = await scaled(picture, height);
      placed.push({ input: data, raw: info, left, top: bottom });
      left += info.width + GAP;
    }
    right = Math.max(right, left);
    bottom += height + GAP;
  }
  const sheet = { width: right, height: bottom, channels: 3 as const, background: GROUND };
  return sharp({ create: sheet }).composite(placed).jpeg(JPEG).toBuffer();
}

const scaled = ({ data, raw, width, height: from }: Picture, height: number) =>
  sharp(data, raw && { raw })
    .resize(Math.round((width * height) / from), height, { fit: "fill" })
    .flatten({ background: "#ffffff" }) // Transparent pictures, such as drawn waveforms, lie on white.
    .raw()
    .toBuffer({ resolveWithObject: true });

const VIDEO = /\.(mp4|webm)$/;

/** The pictures of tiles, in their order; each video is opened once. */
async function readTiles(tiles: readonly Tile[]): Promise<Picture[]> {
  const frames = new Map<string, Picture[]>();
  for (const file of new Set(tiles.map((tile) => tile.file).filter((name) => VIDEO.test(name)))) {
    const shares = tiles.filter((tile) => tile.file === file).map(({ at }) => at);
    frames.set(file, await readVideo(file, shares));
  }
  return Promise.all(tiles.map(({ file }) => frames.get(file)?.shift() ?? readStill(file)));
}

async function readStill(file: string): Promise<Picture> {
  const data = await readFile(file);
  const { width, height } = await sharp(data).metadata();
  return { data, width, height };
}

/** Frames at shares of the video's length. */
async function readVideo(file: string, shares: readonly number[]): Promise<Picture[]> {
  const { durationSeconds, video } = await probe(file, { signal });
  if (!video) throw new Error(`${file} has no picture.`);
  const size = { width: video.width, height: video.height };
  const firsts = shares.map((_, i) => `[${i}:v]trim=end_frame=1,setpts=N/TB[f${i}]`);
  const labels = shares.map((_, i) => `[f${i}]`).join("");
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: shares.map((at) => ({ file, options: ["-threads", "1", "-ss", (at * durationSeconds).toFixed(3)] })),
    filterComplex: `${firsts.join(";")};${labels}concat=n=${shares.length}[out]`,
    outputs: [
      { stdout: true, options: ["-map", "[out]", "-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo"] },
    ],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    signal,
    deadlineSeconds: 60,
    maxOutputBytes: 1 << 28,
  });
  const frames = Buffer.concat(chunks);
  const bytes = size.width * size.height * 3;
  return shares.map((_, i) => ({
    ...size,
    data: frames.subarray(i * bytes, (i + 1) * bytes),
    raw: { ...size, channels: 3 as const },
  }));
}

const COARSE = 48;

/**
 * How much two sheets differ: the mean difference of their channels, from 0 to 255, when both are so small that only
 * their arrangement and colours remain. Infinity if their sizes differ.
 */
export async function difference(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = await Promise.all([one, other].map(coarse));
  if (!a || !b || a.size !== b.size) return Number.POSITIVE_INFINITY;
  return a.data.reduce((sum, value, i) => sum + Math.abs(value - (b.data[i] ?? 0)), 0) / a.data.length;
}

async function coarse(sheet: Buffer): Promise<{ size: string; data: Buffer }> {
  const image = sharp(sheet);
  const { width, height } = await image.metadata();
  return { size: `${width}x${height}`, data: await image.resize(COARSE).removeAlpha().raw().toBuffer() };
}
