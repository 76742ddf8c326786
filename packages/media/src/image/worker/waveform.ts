import type { MadeImage, WaveformJob } from "../image-job.js";
import { drawPeaks } from "./draw-peaks.js";
import { fromPixels } from "./library.js";
import { readBack } from "./process-image.js";

/** Draws a waveform as a PNG, and reads it back. Throws sharp's errors. */
export async function drawWaveform(job: WaveformJob): Promise<MadeImage> {
  const { output, size } = job;
  const pixels = { data: drawPeaks(job), ...size, channels: 4 as const };
  const { size: sizeBytes } = await fromPixels(pixels).png({ compressionLevel: 9 }).toFile(output);
  const made = await readBack(output, size.width * size.height);
  return { ...made, format: "png", quality: 0, sizeBytes, sourcePixels: 0 };
}
