import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Code, ConnectError } from "@connectrpc/connect";

export interface ThreadBounds {
  readonly checkMs: number;
  readonly heapMb: number;
}

/** A request within the limits takes two seconds of CPU, several times as long on a busy machine, and 300 MB. */
const BOUNDS: ThreadBounds = { checkMs: 30_000, heapMb: 1024 };
/** Limit for queued requests, each of some megabytes. */
const MAX_QUEUED = 32;

/**
 * Answers requests in a separate thread, one after the other, so that the event loop is not blocked. A request that
 * takes too long or too much memory is ended with its thread; the next request starts a new one.
 */
export class WorkThread<Request, Answer> {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  /** `script`: the compiled worker, as a thread cannot run the TypeScript sources. `data`: its `workerData`. */
  constructor(
    private readonly script: string,
    private readonly bounds = BOUNDS,
    private readonly data?: unknown,
  ) {}

  /** Undefined if the caller no longer waits. Throws a ConnectError if it cannot be answered. */
  async ask(request: Request, isWanted: () => boolean): Promise<Answer | undefined> {
    if (this.#waiting >= MAX_QUEUED) {
      throw new ConnectError("Too many large requests are being checked. Try again later.", Code.ResourceExhausted);
    }
    this.#waiting++;
    const asking = this.#last.then(() => (isWanted() ? this.#ask(request) : undefined));
    this.#last = asking.catch(() => {}).finally(() => this.#waiting--);
    return asking;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  async #ask(request: Request): Promise<Answer> {
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
      const [answered] = await Promise.race([answer, exit]);
      worker.unref();
      return answered;
    } catch (error) {
      if (this.#worker === worker) this.#worker = undefined;
      void worker.terminate();
      throw this.#isClosed ? closing() : refusalOf(error, timeout);
    } finally {
      done.abort();
    }
  }

  #start(): Worker {
    const worker = new Worker(this.script, {
      workerData: this.data,
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

export const failed = (cause?: unknown) =>
  new ConnectError("The request could not be checked.", Code.Internal, undefined, undefined, cause);
