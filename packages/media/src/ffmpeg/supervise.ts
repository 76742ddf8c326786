import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cancelled, charge, processorSeconds, Watchdog } from "@polyreel/platform/process";
import { type Child, type Ending, type Program, startChild } from "./child.js";
import { lostItsEnd, programError } from "./failure.js";
import { LineReader } from "./line-reader.js";

/** What a program may take, and where its bytes come from and go to. */
export interface Supervision {
  signal: AbortSignal;
  deadlineSeconds: number;
  stallSeconds: number;
  /** What its files may hold. */
  maxFileBytes: number;
  stdin?: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined;
  onStdout: (chunk: Buffer) => void | Promise<void>;
  /** Gets every line that it writes to stderr, of which the ending has only the last ones. */
  onMessage?: ((line: string) => void) | undefined;
  /** Tells whether something moved. Without it, use of the processor is taken for progress. */
  onProgressText?: (text: string) => boolean;
}

const REMEDIES = {
  late: "Use a shorter or smaller source, or give the work more time.",
  stalled: "The source may be damaged: check that it plays through.",
};

/**
 * Lives with one child: feeds it, reads it, stops it at the first cause to, and waits until it is gone. Charges its CPU, as it
 * was when it last said something: ffmpeg says that it has ended, and ffprobe all it has to say, just before they do.
 */
export async function supervise(program: Program, args: readonly string[], watch: Supervision): Promise<Ending> {
  if (watch.signal.aborted) throw cancelled(watch.signal);
  const { stdin, maxFileBytes, onProgressText, onStdout } = watch;
  const child = await startChild(program, args, { stdin: stdin !== undefined, maxFileBytes });
  const progress = onProgressText ? "told" : "processor";
  using dog = new Watchdog({ program, pid: child.pid, ...watch, progress, remedies: REMEDIES });
  const letGo = () => child.process.stdin?.destroy(); // while it waits for input it hears no signal
  if (dog.stopped.aborted) letGo();
  else dog.stopped.addEventListener("abort", letGo, { once: true });
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
    if (ending.exitCode !== 0 || lostItsEnd(ending)) throw programError(program, args, ending);
    return ending;
  } finally {
    charge(cpuSeconds);
    child.process.stdin?.destroy(); // and with it whatever still feeds it
  }
}

async function readAll(stream: Readable | null, take: (chunk: Buffer) => void | Promise<void>): Promise<void> {
  if (!stream) return;
  try {
    for await (const chunk of stream) await take(chunk as Buffer);
  } catch (error) {
    // A pipe that broke because the child went away says nothing: how the child ended does.
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
  }
}

async function feed({ process }: Child, bytes: Supervision["stdin"]): Promise<void> {
  if (!bytes || !process.stdin) return;
  try {
    await pipeline(bytes, process.stdin);
  } catch (error) {
    // It has read all it wanted, or is gone: how it ended says which.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPIPE" && code !== "ECONNRESET" && code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}
