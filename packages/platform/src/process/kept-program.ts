import { PassThrough } from "node:stream";
import { PolyreelError } from "../errors.js";
import { charge } from "./charge.js";
import { type RunEnding, runConfined } from "./run-confined.js";
import { cancelled } from "./watchdog.js";

/** What a kept program writes, a line of JSON each: an answer to each job, and signs of life, with its CPU seconds so far. */
export type ProgramMessage<Made, Failed> = { readonly cpuSeconds: number } & (
  | { readonly made: Made }
  | { readonly failed: Failed }
  | { readonly alive: true }
);

export interface ProgramLimits {
  /** CPU time of one job, as of the program's signs of life. */
  readonly cpuSeconds: number;
  /** Wall time of one job. */
  readonly deadlineSeconds: number;
  /** Signs of life, or CPU usage, must come this often. */
  readonly stallSeconds: number;
}

/** A program of ours that works in a process of its own, and what its ends mean. */
export interface KeptProgramSettings<Failed> {
  /** Absolute path of the compiled JavaScript. */
  readonly path: string;
  readonly limits: ProgramLimits;
  /** Size of each file it writes. */
  readonly fileBytes: number;
  /** The error for a job that takes too long. */
  readonly tooLong: () => PolyreelError;
  /** The error for a job that the program refused. */
  readonly errorOf: (failed: Failed) => PolyreelError;
  /** The error for the job at which the program ended. */
  readonly endedBy: (ending: RunEnding) => PolyreelError;
}

/** A program that has worked longer is replaced. */
const LIFETIME_SECONDS = 24 * 3600;
/** Longest line: an answer. */
const MAX_LINE = 1 << 16;

interface Pending<Made> {
  readonly cpuLimit: number;
  resolve(made: Made): void;
  reject(error: unknown): void;
}

/**
 * A program that takes jobs, one at a time, a line of JSON each: started by the first and kept for the next, because its
 * start costs more than most jobs. Confined by `runConfined`. A job that crashes it, takes too long or is cancelled ends it.
 */
export class KeptProgram<Job, Made, Failed> {
  readonly #input = new PassThrough();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #pending: Pending<Made> | undefined;
  #text = "";
  #cpuSeconds = 0;
  #isUsable = true;

  constructor(private readonly settings: KeptProgramSettings<Failed>) {
    this.#ended = this.#run();
  }

  /** Whether it can take another job. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /**
   * Does a job, charging its CPU time. Throws PolyreelError; afterwards the program may be unusable. One that is stopped has
   * ended when this throws.
   */
  async make(job: Job, signal: AbortSignal): Promise<Made> {
    const { limits, tooLong } = this.settings;
    const before = this.#cpuSeconds;
    const stop = () => this.#end(cancelled(signal));
    const deadline = setTimeout(() => this.#end(tooLong()), limits.deadlineSeconds * 1000);
    try {
      return await new Promise<Made>((resolve, reject) => {
        this.#pending = { resolve, reject, cpuLimit: before + limits.cpuSeconds };
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop, { once: true });
        this.#input.write(`${JSON.stringify(job)}\n`);
      });
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener("abort", stop);
      charge(this.#cpuSeconds - before);
      // The job's files may be removed when this returns.
      if (this.#stop.signal.aborted) await this.#ended;
    }
  }

  /** Lets it end by itself; resolves when it has. */
  async close(): Promise<void> {
    this.#isUsable = false;
    this.#input.end();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { path, limits, fileBytes, tooLong, endedBy } = this.settings;
    const { remedy } = tooLong().failure;
    try {
      const ending = await runConfined({
        program: process.execPath,
        args: [path],
        stdin: this.#input,
        onStdout: (chunk) => this.#read(chunk.toString()),
        bounds: { fileBytes },
        signal: this.#stop.signal,
        deadlineSeconds: LIFETIME_SECONDS,
        stallSeconds: limits.stallSeconds,
        remedies: { late: remedy, stalled: remedy },
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
    if (this.#text.length > MAX_LINE) throw new PolyreelError("internal", "A program of ours writes without end.");
    for (const line of lines) this.#take(JSON.parse(line) as ProgramMessage<Made, Failed>);
  }

  #take(message: ProgramMessage<Made, Failed>): void {
    this.#cpuSeconds = message.cpuSeconds;
    const pending = this.#pending;
    if (!pending) return;
    if ("alive" in message) {
      if (message.cpuSeconds > pending.cpuLimit) this.#end(this.settings.tooLong());
      return;
    }
    this.#pending = undefined;
    if ("made" in message) pending.resolve(message.made);
    else pending.reject(this.settings.errorOf(message.failed));
  }
}
