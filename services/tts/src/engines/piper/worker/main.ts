import { createInterface } from "node:readline";
import type { PiperFailure, PiperJob, PiperMessage } from "../piper-job.js";
import { Fault, speak } from "./speak.js";

// The program that runs models, a line of speech after the other: a job is a line of JSON on standard input, its answer a
// line on standard output. It ends when its input does. Confined by whoever starts it.

/** Interval of signs of life; a running model lets none through, and shows by its CPU usage. */
const ALIVE_MS = 2_000;

type Content<M = PiperMessage> = M extends unknown ? Omit<M, "cpuSeconds"> : never;

function print(message: Content): void {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ ...message, cpuSeconds: (user + system) / 1e6 })}\n`);
}

const alive = () => print({ alive: true });
setInterval(alive, ALIVE_MS).unref();

alive();
for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line) as PiperJob;
  try {
    print({ made: await speak(job, alive) });
  } catch (error) {
    print({ failed: failureOf(error) });
  }
}

function failureOf(error: unknown): PiperFailure {
  const cause = String(error instanceof Error ? error.message : error).slice(0, 2_000);
  return { fault: error instanceof Fault ? error.fault : "broken", cause };
}
