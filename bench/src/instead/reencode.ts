import { FRAME_RATE, type Size } from "../scale.js";

/** A file, or a stretch of it. */
export type Stretch = string | { readonly path: string; readonly startSeconds: number; readonly seconds: number };

export interface Reencoding {
  /** Joined in this order. */
  readonly footage: readonly Stretch[];
  /** Further sounds, from the beginning; the last one is repeated. */
  readonly sounds: readonly string[];
  /** Whether the footage's sound is dropped. */
  readonly muted: boolean;
  readonly size: Size;
  readonly seconds: number;
  readonly output: string;
}

/** Same encoder, preset and rates as ours, on all cores as by default. */
const ENCODING = [
  ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"],
  ...["-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart"],
];

/** A single command that makes a combination from its sources: scale, pad, concat, amix, encode. */
export function reencodeArguments({ footage, sounds, muted, size, seconds, output }: Reencoding): string[] {
  const n = footage.length;
  const pictures = footage.map((_, i) => `[${i}:v]${fitted(size)}[v${i}]`);
  const inputs = sounds.map((_, i) => `[${n + i}:a]`);
  const clips = footage.map((_, i) => (muted ? `[v${i}]` : `[v${i}][${i}:a]`)).join("");
  const concat = `${clips}concat=n=${n}:v=1:a=${muted ? 0 : 1}[v]${muted ? "" : "[clips]"}`;
  const mixed = [...(muted ? [] : ["[clips]"]), ...inputs];
  const mix = `${mixed.join("")}amix=inputs=${mixed.length}:normalize=0:duration=longest[a]`;
  return [
    ...footage.flatMap(inputOf),
    ...sounds.flatMap((path, i) => [...(i === sounds.length - 1 ? ["-stream_loop", "-1"] : []), "-i", path]),
    ...["-filter_complex", [...pictures, concat, mix].join(";"), "-map", "[v]", "-map", "[a]"],
    ...["-t", String(seconds), ...ENCODING, output],
  ];
}

const inputOf = (stretch: Stretch): string[] =>
  typeof stretch === "string"
    ? ["-i", stretch]
    : ["-ss", String(stretch.startSeconds), "-t", String(stretch.seconds), "-i", stretch.path];

/** The plain command for one clip. `threads` of the decoder, the filters and the encoder; undefined: ffmpeg's choice. */
export function encodeClipArguments(
  source: string,
  { size, seconds, output, threads }: { size: Size; seconds: number; output: string; threads?: number },
): string[] {
  const all = threads === undefined ? [] : ["-threads", String(threads)];
  return [
    ...(threads === undefined ? [] : ["-filter_threads", String(threads)]),
    ...[...all, "-i", source, "-an", "-vf", fitted(size), "-t", String(seconds)],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", ...all],
    output,
  ];
}

const fitted = ({ width, height }: Size): string =>
  [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease`,
    `pad=${width}:${height}:-1:-1`,
    `fps=${FRAME_RATE}`,
    "setsar=1",
  ].join(",");
