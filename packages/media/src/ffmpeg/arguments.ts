import { resolve } from "node:path";
import { DECODERS, DEMUXERS } from "./accepted.js";

/** What ffmpeg reads. `options` stand before the input and hold for it alone. */
export type FfmpegInput =
  /** Media from outside: only known container formats, no playlists, no network. */
  | { media: string; options?: readonly string[] }
  /** A file we made ourselves. */
  | { file: string; options?: readonly string[] }
  /** What the run gets as `stdin`; its options name the format. */
  | { stdin: true; options: readonly string[] }
  /** A filter graph as source (silence, colour, test pictures). */
  | { lavfi: string; options?: readonly string[] };

/** What ffmpeg writes: a file, or stdout. `options` stand before it (maps, codecs, format). */
export type FfmpegOutput = { file: string; options: readonly string[] } | { stdout: true; options: readonly string[] };

export interface FfmpegCommandLine {
  inputs: readonly FfmpegInput[];
  filterComplex?: string;
  /** Threads of all filters. As many as there are cores where nothing is said. */
  filterThreads?: number;
  outputs: readonly FfmpegOutput[];
  /** Every output ends when it holds this many bytes. */
  maxOutputBytes: number;
  /** What it says on stderr. `warning` where nothing is said; `info` where a filter reports its result there. */
  logLevel?: "warning" | "info";
}

/** Files and pipes only, whatever the media refers to. */
const PROTOCOLS = "file,pipe,fd";

/** Films have a few; ffmpeg itself would go on to 1000, each with its decoder. */
const MAX_STREAMS = 64;

/**
 * Pictures with more pixels than this are refused, cover pictures of sounds too: a small file can ask for gigabytes of
 * memory.
 */
export const MAX_PIXELS = 200e6;

/** Options of an input from outside, for ffmpeg and ffprobe. */
export const untrusted: readonly string[] = [
  ...["-protocol_whitelist", PROTOCOLS, "-format_whitelist", DEMUXERS, "-codec_whitelist", DECODERS],
  ...["-max_streams", String(MAX_STREAMS), "-max_pixels", String(MAX_PIXELS)],
];

/** A local path so that no part of it is read as a protocol or an option. */
export const fileUrl = (path: string): string => `file:${resolve(path)}`;

/** The command line of ffmpeg. Progress is written to descriptor 3. */
export function ffmpegArguments(line: FfmpegCommandLine): string[] {
  return [
    // It must not read our terminal, and says only what the log should have, each line with its level.
    ...["-nostdin", "-hide_banner", "-nostats", "-loglevel", `level+${line.logLevel ?? "warning"}`],
    ...["-progress", "pipe:3", "-stats_period", "0.25", "-y"],
    ...line.inputs.flatMap(inputArguments),
    ...threads(line.filterThreads),
    ...(line.filterComplex === undefined ? [] : ["-filter_complex", line.filterComplex]),
    ...line.outputs.flatMap((output) => [
      ...output.options,
      // A bound of ffmpeg's own: between two looks from outside a runaway output can fill a disk.
      ...["-fs", String(line.maxOutputBytes)],
      "stdout" in output ? "pipe:1" : fileUrl(output.file),
    ]),
  ];
}

const threads = (count: number | undefined): string[] =>
  count === undefined ? [] : ["-filter_threads", String(count), "-filter_complex_threads", String(count)];

function inputArguments(input: FfmpegInput): string[] {
  const options = input.options ?? [];
  if ("media" in input) return [...untrusted, ...options, "-i", fileUrl(input.media)];
  if ("file" in input) return ["-protocol_whitelist", PROTOCOLS, ...options, "-i", fileUrl(input.file)];
  if ("stdin" in input) return ["-protocol_whitelist", PROTOCOLS, ...options, "-i", "pipe:0"];
  return ["-f", "lavfi", ...options, "-i", input.lavfi];
}
