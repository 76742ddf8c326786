import { createRequire } from "node:module";
import { PassThrough } from "node:stream";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { charge, type RunEnding, runConfined } from "@polyreel/platform/process";
import type { ImageFailure, ImageMessage, Job, MadeImage } from "./image-job.js";

/** The compiled program: a child process cannot run the TypeScript sources. */
const PROGRAM = createRequire(import.meta.url).resolve("@polyreel/media/image/worker/main.js");

/** Limits for one image. */
const LIMITS = {
  /** The largest AVIF takes two minutes; this allows for a slower machine. */
  cpuSeconds: 300,
  /** The machine may be busy. */
  deadlineSeconds: 1800,
  /** Signs of life come every two seconds. */
  stallSeconds: 60,
};
/** A program that has worked longer is replaced. */
const LIFETIME_SECONDS = 24 * 3600;
/** More than the uncompressed size of the largest result. */
const FILE_BYTES = 2 ** 30;
/** Longest line: an answer. */
const MAX_LINE = 1 << 16;

const SMALLER = "Make the image smaller first, or save it again in an image editor.";

interface Pending {
  readonly cpuLimit: number;
  resolve(made: MadeImage): void;
  reject(error: unknown): void;
}

/**
 * A program that works on images, one at a time, started by the first and kept for the next: its start costs more than
 * most images. Confined by `runConfined`. An image that crashes it, takes too long or is cancelled ends it.
 */
export class ImageWorker {
  readonly #input = new PassThrough();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #pending: Pending | undefined;
  #text = "";
  #cpuSeconds = 0;
  #isUsable = true;

  constructor(
    program = PROGRAM,
    private readonly limits = LIMITS,
  ) {
    this.#ended = this.#run(program);
  }

  /** Whether it can take another image. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Makes an image, charging its CPU time. Throws PolyreelError; afterwards it may be unusable. */
  async make(job: Job, signal: AbortSignal): Promise<MadeImage> {
    const before = this.#cpuSeconds;
    const stop = () => this.#end(signal.reason);
    const deadline = setTimeout(() => this.#end(tooLong()), this.limits.deadlineSeconds * 1000);
    try {
      return await new Promise<MadeImage>((resolve, reject) => {
        this.#pending = { resolve, reject, cpuLimit: before + this.limits.cpuSeconds };
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop, { once: true });
        this.#input.write(`${JSON.stringify(job)}\n`);
      });
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener("abort", stop);
      charge(this.#cpuSeconds - before);
    }
  }

  /** Lets it end by itself; resolves when it has. */
  async close(): Promise<void> {
    this.#isUsable = false;
    this.#input.end();
    await this.#ended;
  }

  async #run(program: string): Promise<void> {
    try {
      const ending = await runConfined({
        program: process.execPath,
        args: [program],
        stdin: this.#input,
        onStdout: (chunk) => this.#read(chunk.toString()),
        bounds: { fileBytes: FILE_BYTES },
        signal: this.#stop.signal,
        deadlineSeconds: LIFETIME_SECONDS,
        stallSeconds: this.limits.stallSeconds,
        remedies: { late: SMALLER, stalled: SMALLER },
      });
      this.#fail(endedBy(ending));
    } catch (error) {
      this.#fail(error);
    }
  }

  #end(cause: unknown): void {
    this.#fail(cause);
    this.#stop.abort(cause);
  }

  #fail(error: unknown): void {
    this.#isUsable = false;
    this.#pending?.reject(error);
    this.#pending = undefined;
  }

  #read(text: string): void {
    const lines = (this.#text + text).split("\n");
    this.#text = lines.pop() ?? "";
    if (this.#text.length > MAX_LINE) throw new PolyreelError("internal", "The program for images writes without end.");
    for (const line of lines) this.#take(JSON.parse(line) as ImageMessage);
  }

  #take(message: ImageMessage): void {
    this.#cpuSeconds = message.cpuSeconds;
    const pending = this.#pending;
    if (!pending) return;
    if ("alive" in message) {
      if (message.cpuSeconds > pending.cpuLimit) this.#end(tooLong());
      return;
    }
    this.#pending = undefined;
    if ("made" in message) pending.resolve(message.made);
    else pending.reject(errorOf(message.failed));
  }
}

const tooLong = (): PolyreelError => sourceError({ reason: "The image takes too long to process.", remedy: SMALLER });

function errorOf({ code, field = "", reason, remedy, isMark = false, cause }: ImageFailure): PolyreelError {
  const failure = { field: isMark ? "watermark" : field, reason: isMark ? `The watermark: ${reason}` : reason, remedy };
  const options = { cause: new Error(cause ?? reason) };
  const isSource = code === "invalid" && field === "" && !isMark;
  return isSource ? sourceError(failure, options) : new PolyreelError(code, failure, options);
}

/** SIGKILL and SIGTERM come from outside; a crash is the image's fault. */
function endedBy({ code, signal, stderr, missing }: RunEnding): PolyreelError {
  const cause = new Error(`The program for images ended by ${signal ?? `code ${code}`}\n${stderr}`);
  if (missing || signal === "SIGTERM" || signal === "SIGKILL" || signal === "SIGINT") {
    const reason = `The program for images was ended by ${signal ?? "the system"}.`;
    const remedy = "Try again; if it repeats, see what ends it: a machine short of memory does.";
    return new PolyreelError("unavailable", { reason, remedy }, { cause, outage: false });
  }
  const reason = "The image cannot be processed: that crashes, or takes more memory than is allowed.";
  return sourceError({ reason, remedy: SMALLER }, { cause });
}
