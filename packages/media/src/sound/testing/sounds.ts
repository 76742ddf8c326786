import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  PcmIndexSchema,
  type SoundEvent,
  SoundEventSchema,
  type SoundIndex,
  type SoundRecipe,
  SoundRecipeSchema,
} from "@polyreel/contract";
import { runFfmpeg } from "../../ffmpeg/run.js";
import { LoudnessMeter } from "../loudness-meter.js";
import type { PcmInput } from "../mix.js";
import { CHANNELS, PCM_FORMAT, pcmBytes, pcmValues, SAMPLE_RATE } from "../pcm.js";

export const never: AbortSignal = new AbortController().signal;

/** A sound as a function of its sample and channel, from -1 to 1. */
export type Wave = (sample: number, channel: number) => number;

export const silence: Wave = () => 0;
export const sine =
  (hertz: number, amplitude = 0.5): Wave =>
  (sample) =>
    amplitude * Math.sin((2 * Math.PI * hertz * sample) / SAMPLE_RATE);
/** A single sample at full scale. */
export const click =
  (at: number): Wave =>
  (sample) =>
    sample === at ? 0.9 : 0;

/** Interleaved values of a wave. */
export function valuesOf(wave: Wave, samples: number): Float32Array {
  const values = new Float32Array(samples * CHANNELS);
  for (let i = 0; i < values.length; i++) values[i] = wave(Math.floor(i / CHANNELS), i % CHANNELS);
  return values;
}

/** A wave as a decoded input. */
export async function pcmInput(folder: string, wave: Wave, samples: number): Promise<PcmInput> {
  const values = valuesOf(wave, samples);
  const meter = new LoudnessMeter();
  meter.push(values);
  const path = join(folder, `${randomUUID()}.pcm`);
  await writeFile(path, pcmBytes(values));
  return { path, index: create(PcmIndexSchema, { samples: BigInt(samples), loudnessLufs: meter.finish() }) };
}

/** An event of a recipe, positions in samples. */
export const soundEvent = (
  role: SoundEvent["role"],
  init: {
    inputStart?: number;
    start?: number;
    samples: number;
    gainDb?: number;
    duck?: boolean;
    loop?: boolean;
    fadeIn?: number;
    fadeOut?: number;
  },
): SoundEvent => {
  const { inputStart = 0, start = 0, samples, fadeIn = 0, fadeOut = 0, ...rest } = init;
  return create(SoundEventSchema, {
    role,
    inputStart: BigInt(inputStart),
    start: BigInt(start),
    samples: BigInt(samples),
    fadeIn: BigInt(fadeIn),
    fadeOut: BigInt(fadeOut),
    ...rest,
  });
};

export const soundRecipe = (samples: number, ...events: SoundEvent[]): SoundRecipe =>
  create(SoundRecipeSchema, { samples: BigInt(samples), events });

/** Decodes a soundtrack like a player: drops the delay, returns the audible samples. */
export async function playSound(payloadPath: string, index: SoundIndex): Promise<Float32Array> {
  const payload = await readFile(payloadPath);
  let at = 0;
  const frames = index.sizes.flatMap((size) => {
    const packet = payload.subarray(at, at + size);
    at += size;
    return [adtsHeader(index.decoderConfig, size), packet];
  });
  const adtsPath = `${payloadPath}.aac`;
  await writeFile(adtsPath, frames);
  const values = await ffmpegValues([{ file: adtsPath, options: ["-f", "aac"] }], "[0:a]anull");
  return values.slice(index.delay * CHANNELS, (index.delay + Number(index.samples)) * CHANNELS);
}

function adtsHeader(config: Uint8Array, size: number): Uint8Array {
  const [first = 0, second = 0] = config;
  const frequencyIndex = ((first & 7) << 1) | (second >> 7);
  const channels = (second >> 3) & 15;
  const length = size + 7;
  return Uint8Array.of(
    0xff,
    0xf1,
    (((first >> 3) - 1) << 6) | (frequencyIndex << 2) | (channels >> 2),
    ((channels & 3) << 6) | (length >> 11),
    (length >> 3) & 255,
    ((length & 7) << 5) | 31,
    0xfc,
  );
}

/** Output of an audio filter, as PCM values. */
export async function ffmpegValues(
  inputs: Parameters<typeof runFfmpeg>[0]["inputs"],
  filter: string,
): Promise<Float32Array> {
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs,
    filterComplex: `${filter}[out]`,
    outputs: [{ stdout: true, options: ["-map", "[out]", ...PCM_FORMAT] }],
    onStdout: (chunk) => {
      chunks.push(chunk);
    },
    maxOutputBytes: 100 << 20,
    deadlineSeconds: 60,
    signal: never,
  });
  return pcmValues(Buffer.concat(chunks));
}

/** Makes a file with ffmpeg from lavfi sources, each starting late by the given seconds. */
export async function makeFile(
  path: string,
  sources: readonly string[],
  options: readonly string[],
  lateSeconds: readonly number[] = [],
): Promise<string> {
  await runFfmpeg({
    inputs: sources.map((lavfi, i) => ({ lavfi, options: ["-itsoffset", String(lateSeconds[i] ?? 0)] })),
    outputs: [{ file: path, options }],
    maxOutputBytes: 100 << 20,
    deadlineSeconds: 60,
    signal: never,
  });
  return path;
}

/** Integrated loudness and true peak by ffmpeg's ebur128, in LUFS and dBTP. */
export async function ebur128(values: Float32Array): Promise<{ lufs: number; dbtp: number }> {
  const { stderr } = await runFfmpeg({
    inputs: [{ stdin: true, options: PCM_FORMAT }],
    stdin: [pcmBytes(values)],
    filterComplex: "[0:a]ebur128=peak=true:framelog=verbose[out]",
    outputs: [{ stdout: true, options: ["-map", "[out]", "-f", "null"] }],
    logLevel: "info",
    maxOutputBytes: 1 << 20,
    deadlineSeconds: 60,
    signal: never,
  });
  // It reports at the end of every graph, and the first one may have had no sound yet.
  const report = stderr.slice(stderr.lastIndexOf("Summary:"));
  const numberAfter = (pattern: RegExp) => Number((pattern.exec(report)?.[1] ?? "").replace("-inf", "-Infinity"));
  return { lufs: numberAfter(/I:\s+(\S+) LUFS/), dbtp: numberAfter(/Peak:\s+(\S+) dBFS/) };
}

/** Level of a stretch in dB (root mean square of both channels; 0 is a full-scale square wave). */
export function levelDb(values: Float32Array, fromSeconds: number, toSeconds: number): number {
  const stretch = values.subarray(
    Math.round(fromSeconds * SAMPLE_RATE) * CHANNELS,
    Math.round(toSeconds * SAMPLE_RATE) * CHANNELS,
  );
  return 10 * Math.log10(stretch.reduce((sum, value) => sum + value * value, 0) / stretch.length);
}

/** The sample with the highest amplitude. */
export function loudestSample(values: Float32Array): number {
  let loudest = 0;
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i] as number) > Math.abs(values[loudest] as number)) loudest = i;
  }
  return Math.floor(loudest / CHANNELS);
}
