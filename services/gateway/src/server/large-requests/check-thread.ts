import { once } from "node:events";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { Code, ConnectError } from "@connectrpc/connect";
import { errorFromJson } from "@connectrpc/connect/protocol-connect";
import { builtInPresets, type Presets } from "@polyreel/spec";
import type { RawRequest, Verdict } from "./check-messages.js";
import { sentPresets } from "./presets-for-thread.js";

/** The compiled worker: a thread cannot run the TypeScript sources. */
const WORKER = createRequire(import.meta.url).resolve("@polyreel/gateway/server/large-requests/worker.js");

export interface CheckBounds {
  readonly checkMs: number;
  readonly heapMb: number;
}

/** A request within the limits takes two seconds of CPU, several times as long on a busy machine, and 300 MB. */
const BOUNDS: CheckBounds = { checkMs: 30_000, heapMb: 1024 };
/** Limit for queued requests, each of some megabytes. */
const MAX_QUEUED = 32;

/**
 * Decodes and checks requests in a separate thread, one after the other, so that the event loop is not blocked. A check
 * that takes too long or too much memory is ended with its thread; the next request starts a new one.
 */
export class CheckThread {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  constructor(
    private readonly presets: Presets = builtInPresets,
    private readonly bounds = BOUNDS,
  ) {}

  /** Throws the ConnectError to answer with if invalid. `isWanted`: whether the caller still waits. */
  async check(request: RawRequest, isWanted: () => boolean): Promise<void> {
    if (this.#waiting >= MAX_QUEUED) {
      throw new ConnectError("Too many large requests are being checked. Try again later.", Code.ResourceExhausted);
    }
    this.#waiting++;
    const checking = this.#last.then(() => (isWanted() ? this.#check(request) : undefined));
    this.#last = checking.catch(() => {}).finally(() => this.#waiting--);
    const verdict = await checking;
    if (verdict?.error !== undefined) throw errorFromJson(verdict.error, undefined, failed());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  async #check(request: RawRequest): Promise<Verdict> {
    if (this.#isClosed) throw closing();
    this.#worker ??= this.#start();
    const worker = this.#worker;
    worker.ref();
    const timeout = AbortSignal.timeout(this.bounds.checkMs);
    const done = new AbortController();
    try {
      const answer = once(worker, "message", { signal: AbortSignal.any([timeout, done.signal]) });
      const exit = once(worker, "exit", { signal: done.signal }).then(() => Promise.reject(closing()));
      worker.postMessage(request);
      const [verdict] = await Promise.race([answer, exit]);
      worker.unref();
      return verdict;
    } catch (error) {
      if (this.#worker === worker) this.#worker = undefined;
      void worker.terminate();
      throw this.#isClosed ? closing() : refusalOf(error, timeout);
    } finally {
      done.abort();
    }
  }

  #start(): Worker {
    const worker = new Worker(WORKER, {
      workerData: sentPresets(this.presets),
      resourceLimits: { maxOldGenerationSizeMb: this.bounds.heapMb },
    });
    // Events outside of a request must not end the process either.
    worker.on("error", () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }
}

const closing = () => new ConnectError("The gateway is being stopped. Try again later.", Code.Unavailable);

function refusalOf(error: unknown, timeout: AbortSignal): unknown {
  const remedy = "Split the batch.";
  if (timeout.aborted) {
    return new ConnectError(`The request takes too long to check. ${remedy}`, Code.ResourceExhausted);
  }
  if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY") {
    return new ConnectError(`The request takes too much memory to check. ${remedy}`, Code.ResourceExhausted);
  }
  return failed(error);
}

const failed = (cause?: unknown) =>
  new ConnectError("The request could not be checked.", Code.Internal, undefined, undefined, cause);
