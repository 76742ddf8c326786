import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PolyreelError } from "@polyreel/platform/errors.js";
import { signalGroup } from "@polyreel/platform/orphans.js";
import { type Child, type Ending, type Program, startChild } from "./child.js";
import { lostItsEnd, programError } from "./failure.js";

/** After SIGTERM a program has this long to go by itself. */
const GRACE_MILLISECONDS = 2000;

/** What a program may take, and where its bytes come from and go to. */
export interface Supervision {
  signal: AbortSignal;
  deadlineSeconds: number;
  stallSeconds?: number;
  stdin?: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined;
  onStdout: (chunk: Buffer) => void | Promise<void>;
  /** Tells whether something moved. */
  onProgressText?: (text: string) => boolean;
}

/** Lives with one child: feeds it, reads it, stops it at the first cause to, and waits until it is gone. */
export async function supervise(program: Program, args: readonly string[], watch: Supervision): Promise<Ending> {
  if (watch.signal.aborted) throw cancelled(watch.signal);
  const child = await startChild(program, args, { stdin: watch.stdin !== undefined });
  // An aborted controller keeps its first reason: that is how the first cause wins.
  const end = new AbortController();
  const onAbort = () => end.abort(cancelled(watch.signal));
  watch.signal.addEventListener("abort", onAbort, { once: true });
  if (watch.signal.aborted) onAbort();
  const deadline = setTimeout(() => end.abort(tooLong(program, watch.deadlineSeconds)), watch.deadlineSeconds * 1000);
  const { stallSeconds } = watch;
  const stall = stallSeconds
    ? setTimeout(() => end.abort(stalled(program, stallSeconds)), stallSeconds * 1000)
    : undefined;
  const fail = (error: unknown) => end.abort(error);
  const stop = stopper(child);
  if (end.signal.aborted) stop.now();
  else end.signal.addEventListener("abort", stop.now, { once: true });
  try {
    const reading = readAll(child.process.stdout, async (chunk) => {
      stall?.refresh();
      await watch.onStdout(chunk);
    }).catch(fail);
    const listening = readAll(child.process.stdio[3] as Readable | null, (chunk) => {
      if (watch.onProgressText?.(chunk.toString("latin1"))) stall?.refresh();
    }).catch(fail);
    feed(child, watch.stdin).catch(fail);
    const ending = await child.ended;
    await Promise.all([reading, listening]);
    if (end.signal.aborted) throw end.signal.reason;
    if (ending.exitCode !== 0 || lostItsEnd(ending)) throw programError(program, args, ending);
    return ending;
  } finally {
    watch.signal.removeEventListener("abort", onAbort);
    clearTimeout(deadline);
    clearTimeout(stall);
    stop.clear();
    child.process.stdin?.destroy(); // and with it whatever still feeds it
  }
}

/** SIGTERM to the child's whole group, and SIGKILL if that is not enough. */
function stopper(child: Child): { now: () => void; clear: () => void } {
  let kill: NodeJS.Timeout | undefined;
  return {
    now: () => {
      if (child.process.exitCode !== null || child.process.signalCode !== null) return;
      signalGroup(child.pid, "SIGTERM");
      child.process.stdin?.destroy(); // while it waits for input it hears no signal
      kill = setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MILLISECONDS);
    },
    clear: () => clearTimeout(kill),
  };
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

function cancelled({ reason }: AbortSignal): PolyreelError {
  return reason instanceof PolyreelError
    ? reason
    : new PolyreelError("cancelled", "It was cancelled.", { cause: reason });
}

const tooLong = (program: Program, seconds: number): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `${program} was stopped: it took longer than ${Math.round(seconds)} s.`,
    remedy: "Use a shorter or smaller source, or give the work more time.",
  });

const stalled = (program: Program, seconds: number): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: `${program} was stopped: it made no progress for ${Math.round(seconds)} s.`,
    remedy: "The source may be damaged: check that it plays through.",
  });
