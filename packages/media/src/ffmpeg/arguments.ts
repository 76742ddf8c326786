import { resolve } from "node:path";
import { DECODERS, DEMUXERS } from "./accepted.js";

/** Inputs of ffmpeg. `options` precede the input and apply to it alone. */
export type FfmpegInput =
  /** Untrusted media: only accepted container formats, no playlists, no network. */
  | { media: string; options?: readonly string[] }
  /** A file that Polyreel made itself. */
  | { file: string; options?: readonly string[] }
  /** The run's `stdin`; its options name the format. */
  | { stdin: true; options: readonly string[] }
  /** A filter graph as source (silence, colour, test pictures). */
  | { lavfi: string; options?: readonly string[] };

/** Output of ffmpeg: a file, or stdout. `options` precede it (maps, codecs, format). */
export type FfmpegOutput = { file: string; options: readonly string[] } | { stdout: true; options: readonly string[] };

export interface FfmpegCommandLine {
  inputs: readonly FfmpegInput[];
  filterComplex?: string;
  /** A device that filters upload pictures to, as `-init_hw_device` takes it: "vaapi=encoder:/dev/dri/renderD128". */
  device?: string;
  /** Threads of all filters; by default the number of cores. */
  filterThreads?: number;
  outputs: readonly FfmpegOutput[];
  /** Every output ends at this size. */
  maxOutputBytes: number;
  /** Verbosity of stderr; `warning` by default, `info` where a filter reports its result there. */
  logLevel?: "warning" | "info";
}

/** Files and pipes only, whatever the media refers to. */
const PROTOCOLS = "file,pipe,fd";

/** Films have a few streams; ffmpeg's own limit is 1000, each with its decoder. */
const MAX_STREAMS = 64;

/**
 * Pictures with more pixels than this are refused, covers of audio files too: a small file can require gigabytes of
 * memory.
 */
export const MAX_PIXELS = 200e6;

/** Options of an untrusted input, for ffmpeg and ffprobe. */
export const untrusted: readonly string[] = [
  ...["-protocol_whitelist", PROTOCOLS, "-format_whitelist", DEMUXERS, "-codec_whitelist", DECODERS],
  ...["-max_streams", String(MAX_STREAMS), "-max_pixels", String(MAX_PIXELS)],
];

/** A local path in a form that cannot be parsed as a protocol or an option. */
export const fileUrl = (path: string): string => `file:${resolve(path)}`;

/** The command line of ffmpeg. Progress goes to descriptor 3. */
export function ffmpegArguments(line: FfmpegCommandLine): string[] {
  return [
    // Does not read our terminal; logs warnings and errors only, each line with its level.
    ...["-nostdin", "-hide_banner", "-nostats", "-loglevel", `level+${line.logLevel ?? "warning"}`],
    ...["-progress", "pipe:3", "-stats_period", "0.25", "-y"],
    ...device(line.device),
    ...line.inputs.flatMap(inputArguments),
    ...threads(line.filterThreads),
    ...(line.filterComplex === undefined ? [] : ["-filter_complex", line.filterComplex]),
    ...line.outputs.flatMap((output) => [
      ...output.options,
      // ffmpeg's own limit: between two checks from outside, a runaway output could fill a disk.
      ...["-fs", String(line.maxOutputBytes)],
      "stdout" in output ? "pipe:1" : fileUrl(output.file),
    ]),
  ];
}

/** Its name stands between the kind and the path. */
const device = (opened: string | undefined): string[] =>
  opened === undefined ? [] : ["-init_hw_device", opened, "-filter_hw_device", /=(\w+)/.exec(opened)?.[1] ?? ""];

const threads = (count: number | undefined): string[] =>
  count === undefined ? [] : ["-filter_threads", String(count), "-filter_complex_threads", String(count)];

function inputArguments(input: FfmpegInput): string[] {
  const options = input.options ?? [];
  if ("media" in input) return [...untrusted, ...options, "-i", fileUrl(input.media)];
  if ("file" in input) return ["-protocol_whitelist", PROTOCOLS, ...options, "-i", fileUrl(input.file)];
  if ("stdin" in input) return ["-protocol_whitelist", PROTOCOLS, ...options, "-i", "pipe:0"];
  return ["-f", "lavfi", ...options, "-i", input.lavfi];
}
