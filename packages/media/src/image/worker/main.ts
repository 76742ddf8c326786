import { createInterface } from "node:readline";
import type { ImageMessage, Job, MadeImage } from "../image-job.js";
import { drawMark, processImage } from "./process-image.js";
import { failureOf } from "./refusal.js";
import { drawWaveform } from "./waveform.js";

// The program that works on images, one after the other: a job is a line of JSON on standard input, its answer a line on
// standard output. It ends when its input does. Confined by whoever starts it.

/** Interval of signs of life, which state the CPU time of a job at work. */
const ALIVE_MS = 2_000;

type Content<M = ImageMessage> = M extends unknown ? Omit<M, "cpuSeconds"> : never;

function print(message: Content): void {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ ...message, cpuSeconds: (user + system) / 1e6 })}\n`);
}

setInterval(() => print({ alive: true }), ALIVE_MS).unref();

print({ alive: true });
for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line) as Job;
  try {
    print({ made: await make(job) });
  } catch (error) {
    print({ failed: failureOf(error) });
  }
}

function make(job: Job): Promise<MadeImage> {
  if ("columns" in job) return drawWaveform(job);
  return "size" in job ? drawMark(job) : processImage(job);
}
