import { createHash } from "node:crypto";
import type { ClipIndex, JoinCertificate } from "@polyreel/contract";
import { pcmValues } from "@polyreel/media/sound";
import { decodeClip, decodedFrames, decodedSound, ebur128, probed } from "@polyreel/media/testing";
import type { PartStore } from "@polyreel/parts";
import { expect } from "vitest";
import type { RenderedOutput } from "../testing/render.js";

const SAMPLE_RATE = 48_000;
const CHANNELS = 2;
/** Per AAC packet. Decoders play the last one completely. */
const PACKET_SAMPLES = 1024;
/** Block length of ebur128's measurement. */
const BLOCK_SAMPLES = 0.4 * SAMPLE_RATE;
/** ebur128 reports in steps of 0.1. */
const REPORTED_STEP = 0.101;

/**
 * Checks properties of any delivered file by probing and decoding: its frames are bit-identical to those of its clips
 * decoded separately, times are evenly spaced, audio and video have the expected lengths, levels match the certificate.
 * Returns the decoded sound, interleaved; undefined if there is none.
 */
export async function checkOutput(output: RenderedOutput, parts: PartStore): Promise<Float32Array | undefined> {
  const { path, certificate, clips } = output;
  const { frameStep, timescale } = certificate;
  const expected: string[] = [];
  for (const { hash } of clips) expected.push(...(await framesAlone(parts, hash)));
  const seconds = (expected.length * frameStep) / timescale;

  const [frames, { streams, packets, format }, mix] = await Promise.all([
    decodedFrames(path, `1/${timescale}`), // Checked below.
    probed(path),
    output.sound && decodedSound(path),
  ]);
  expect(frames.map(({ md5 }) => md5)).toEqual(expected);
  expect(frames.map(({ pts }) => pts)).toEqual(expected.map((_, i) => i * frameStep));
  expect(Number(certificate.frames)).toBe(expected.length);
  const [video = [], sound = []] = streams.map((_, i) => packets.filter(({ stream_index }) => stream_index === i));
  const constant = expected.length > 1 ? [frameStep] : [];
  expect(steps(video.map(({ dts }) => dts))).toEqual(constant);
  expect(steps(video.map(({ pts }) => pts).sort((a, b) => a - b))).toEqual(constant);

  expect(streams.map(({ codec_name }) => codec_name)).toEqual(output.sound ? ["h264", "aac"] : ["h264"]);
  expect(streams[0]).toMatchObject({
    time_base: `1/${timescale}`,
    duration_ts: expected.length * frameStep,
    start_pts: 0,
  });
  for (const { duration } of [...streams, format]) expect(Number(duration)).toBeCloseTo(seconds, 4);
  expect(Number(format.size)).toBe(Number(certificate.sizeBytes));
  if (!mix) return undefined;

  expect(steps(sound.map(({ pts }) => pts))).toEqual([PACKET_SAMPLES]);
  const values = pcmValues(mix);
  expect(Math.abs(values.length / CHANNELS - seconds * SAMPLE_RATE)).toBeLessThan(PACKET_SAMPLES);
  await checkLevels(values, certificate);
  return values;
}

async function checkLevels(mix: Float32Array, certificate: JoinCertificate): Promise<void> {
  const { loudnessLufs = Number.NaN, truePeakDbtp = Number.NaN } = certificate;
  const { predictedMinLufs = Number.NaN, predictedMaxLufs = Number.NaN } = certificate;
  expect(loudnessLufs >= predictedMinLufs && loudnessLufs <= predictedMaxLufs).toBe(true);
  expect(truePeakDbtp).toBeLessThanOrEqual(-1);
  const { lufs, dbtp } = await ebur128(mix);
  if (truePeakDbtp === -Infinity) expect([lufs, dbtp]).toEqual([-70, -Infinity]);
  else {
    // ebur128 reports -70 for silence, and for anything shorter than its blocks.
    if (mix.length / CHANNELS >= BLOCK_SAMPLES)
      expect(Math.abs(lufs - Math.max(-70, loudnessLufs))).toBeLessThan(REPORTED_STEP);
    expect(Math.abs(dbtp - truePeakDbtp)).toBeLessThan(REPORTED_STEP);
  }
}

const steps = (times: number[]) => [...new Set(times.slice(1).map((time, i) => time - (times[i] ?? 0)))];

const alone = new WeakMap<PartStore, Map<string, Promise<string[]>>>();

/** MD5 of each frame of a clip, decoded from its part alone; cached per clip and store. */
function framesAlone(parts: PartStore, hash: string): Promise<string[]> {
  const known = alone.get(parts) ?? new Map<string, Promise<string[]>>();
  alone.set(parts, known);
  const frames = known.get(hash) ?? decodeAlone(parts, hash);
  known.set(hash, frames);
  return frames;
}

async function decodeAlone(parts: PartStore, hash: string): Promise<string[]> {
  const index = (await parts.describe("clip", hash)) as ClipIndex;
  const bytes = index.sizes.reduce((sum, size) => sum + size, 0);
  const pictures = await decodeClip(await parts.read("clip", hash, 0, bytes), index);
  expect(pictures.length).toBe(index.sizes.length);
  return pictures.map(({ data }) => createHash("md5").update(data).digest("hex"));
}
