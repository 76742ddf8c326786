import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cancelled, charge, processorSeconds, Watchdog } from "@polyreel/platform/process";
import { type Child, type Ending, type Program, startChild } from "./child.js";
import { lostLastBytes, programError } from "./failure.js";
import { LineReader } from "./line-reader.js";

/** Limits of a program, and where its bytes come from and go to. */
export interface Supervision {
  signal: AbortSignal;
  deadlineSeconds: number;
  stallSeconds: number;
  /** Limit of its files. */
  maxFileBytes: number;
  stdin?: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined;
  onStdout: (chunk: Buffer) => void | Promise<void>;
  /** Receives every line of stderr, of which the result has only the last ones. */
  onMessage?: ((line: string) => void) | undefined;
  /** Returns whether something moved. Without it, CPU use counts as progress. */
  onProgressText?: (text: string) => boolean;
}

const REMEDIES = {
  late: "Use a shorter or smaller source, or give the work more time.",
  stalled: "The source may be damaged: check that it plays through.",
};

/**
 * Supervises one child: feeds it, reads it, stops it for the first reason to, and waits until it is gone. Charges its
 * CPU time as of its last output: ffmpeg reports its end, and ffprobe prints its result, just before they exit.
 */
export async function supervise(program: Program, args: readonly string[], watch: Supervision): Promise<Ending> {
  if (watch.signal.aborted) throw cancelled(watch.signal);
  const { stdin, maxFileBytes, onProgressText, onStdout } = watch;
  const child = await startChild(program, args, { stdin: stdin !== undefined, maxFileBytes });
  const progress = onProgressText ? "told" : "processor";
  using dog = new Watchdog({ program, pid: child.pid, ...watch, progress, remedies: REMEDIES });
  const closeStdin = () => child.process.stdin?.destroy(); // While it waits for input it ignores signals.
  if (dog.stopped.aborted) closeStdin();
  else dog.stopped.addEventListener("abort", closeStdin, { once: true });
  const fail = (error: unknown) => dog.stop(error);
  const { onMessage } = watch;
  if (onMessage) {
    const lines = new LineReader(onMessage);
    child.process.stderr?.on("data", (chunk: Buffer) => lines.push(Buffer.from(chunk)));
  }
  let cpuSeconds = 0;
  const look = () => {
    cpuSeconds = processorSeconds(child.pid) ?? cpuSeconds;
  };
  try {
    const reading = readAll(child.process.stdout, async (chunk) => {
      dog.moved();
      if (!onProgressText) look();
      await onStdout(chunk);
    }).catch(fail);
    const listening = readAll(child.process.stdio[3] as Readable | null, (chunk) => {
      look();
      if (onProgressText?.(chunk.toString("latin1"))) dog.moved();
    }).catch(fail);
    feed(child, stdin).catch(fail);
    const ending = await child.ended;
    await Promise.all([reading, listening]);
    if (dog.stopped.aborted) throw dog.stopped.reason;
    if (ending.exitCode !== 0 || lostLastBytes(ending)) throw programError(program, args, ending);
    return ending;
  } finally {
    charge(cpuSeconds);
    child.process.stdin?.destroy(); // And with it the stream that feeds it.
  }
}

async function readAll(stream: Readable | null, take: (chunk: Buffer) => void | Promise<void>): Promise<void> {
  if (!stream) return;
  try {
    for await (const chunk of stream) await take(chunk as Buffer);
  } catch (error) {
    // A pipe broken by the child's exit is no error of its own; the exit code explains it.
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
  }
}

async function feed({ process }: Child, bytes: Supervision["stdin"]): Promise<void> {
  if (!bytes || !process.stdin) return;
  try {
    await pipeline(bytes, process.stdin);
  } catch (error) {
    // It has read all it needed, or is gone: its exit code tells which.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPIPE" && code !== "ECONNRESET" && code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}
