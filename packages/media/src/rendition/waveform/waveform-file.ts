import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Waveform, WaveformFormat } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { chargingProcess } from "@polyreel/platform/process";
import { colourOf } from "../../image/image-settings.js";
import type { MediaFile } from "../../operations/media-file.js";
import { decodeSound } from "../../sound/decode-sound.js";
import { SAMPLE_RATE } from "../../sound/pcm.js";
import type { MadeRendition, RenditionWork } from "../transcode.js";
import { certifyJson } from "./certify-waveform.js";
import { columnsOf } from "./columns.js";
import { PeakMeter, type Peaks } from "./peak-meter.js";
import { isFixed, MAX_SECONDS, planWaveform, tooFine, tooLong, type WaveformPlan } from "./plan-waveform.js";
import { waveformJson } from "./waveform-json.js";

/** A file that ends earlier than it states is worth a warning from here on. */
const MISSING_SECONDS = 1;

/**
 * The peaks of a sound over time, as a picture or as data. The sound is decoded once and measured as it comes, so that
 * memory does not depend on its length. Throws PolyreelError `invalid`, with the setting as field, if the file does not
 * allow it; no file is left then.
 */
export async function waveformFile(
  source: MediaFile,
  settings: Waveform,
  work: RenditionWork & { readonly track: number },
): Promise<MadeRendition> {
  const plan = planWaveform(settings, source.probe, work.track);
  const peaks = await measure(source, settings, plan, work);
  const format = settings.format === WaveformFormat.JSON ? "json" : "png";
  const payloadPath = join(work.tempDir, `${randomUUID()}.${format}`);
  try {
    if (format === "json") {
      await writeFile(payloadPath, waveformJson(peaks, settings.bits), { signal: work.signal });
      await certifyJson(payloadPath, peaks, settings.bits);
    } else await draw(peaks, settings, payloadPath, work);
  } catch (error) {
    await rm(payloadPath, { force: true });
    throw error;
  }
  const durationSeconds = peaks.samples / SAMPLE_RATE;
  const index = { format, durationSeconds, encodedMegapixels: plan.megapixels, waveform: describe(peaks, settings) };
  return { payloadPath, index: { ...index, warnings: warningsOf(plan, durationSeconds) } };
}

async function measure(
  { path, probe }: MediaFile,
  settings: Waveform,
  plan: WaveformPlan,
  { signal, track, onProgress }: RenditionWork & { readonly track: number },
): Promise<Peaks> {
  const { zeroAt, peaks } = plan;
  const expected = Math.max(1, plan.seconds * SAMPLE_RATE);
  let meter = new PeakMeter(peaks);
  const options = { zeroAt, track, probe, signal, maxSeconds: MAX_SECONDS };
  const sink = {
    begin: () => {
      meter = new PeakMeter(peaks);
    },
    push: (values: Float32Array) => {
      meter.push(values);
      onProgress?.(Math.min(0.99, meter.samples / expected));
    },
  };
  const samples = await chargingProcess(() => decodeSound(path, options, sink));
  // The header may have stated a shorter sound.
  if (samples >= MAX_SECONDS * SAMPLE_RATE) throw tooLong();
  if (isFixed(settings) && meter.samplesPerPixel > peaks.samplesPerPixel) throw tooFine(settings, peaks, samples);
  return meter.finish();
}

/** In the program for images, which reads the picture back. */
async function draw(
  peaks: Peaks,
  { width, height, color, background }: Waveform,
  output: string,
  { images, signal }: RenditionWork,
): Promise<void> {
  const job = {
    ...{ output, size: { width, height }, columns: columnsOf(peaks, width) },
    ...{ color: colourOf(color), background: background ? colourOf(background) : TRANSPARENT },
  };
  const made = await images.make(job, signal);
  if (made.format === "png" && made.width === width && made.height === height) return;
  throw new PolyreelError("internal", {
    reason: `The waveform came out as ${made.format} ${made.width}x${made.height}, not as png ${width}x${height}.`,
    remedy: "It was not delivered. Try other settings, and report it.",
  });
}

const TRANSPARENT = { r: 0, g: 0, b: 0, alpha: 0 };

function describe({ channels, samples, samplesPerPixel, length, values }: Peaks, settings: Waveform) {
  const peak = values.reduce((highest, value) => Math.max(highest, Math.abs(value)), 0);
  const { bits, width, height } = settings;
  return bits > 0
    ? { channels, samplesPerPixel, length, bits, peak }
    : { channels, samplesPerPixel: samples / width, length: width, height, peak };
}

function warningsOf({ seconds }: WaveformPlan, found: number): string[] {
  if (found >= seconds - MISSING_SECONDS) return [];
  return [`The sound ends after ${found.toFixed(1)} s, although the file states ${seconds.toFixed(1)} s.`];
}
