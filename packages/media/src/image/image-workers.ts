import { PolyreelError, type Running } from "@polyreel/platform";
import pLimit from "p-limit";
import type { Job, MadeImage } from "./image-job.js";
import { ImageWorker } from "./image-worker.js";

/** An idle program is ended after this time: it takes some 70 MB. */
const IDLE_MS = 30_000;
/** A program is replaced after this many images: what it leaks is bounded. */
const IMAGES_EACH = 2_000;

interface Idle {
  readonly worker: ImageWorker;
  readonly made: number;
  readonly timer: NodeJS.Timeout;
}

/** Programs that work on images, kept between images; as many as may work at the same time. */
export class ImageWorkers implements Running {
  readonly #limit;
  readonly #idle: Idle[] = [];
  readonly #all = new Set<ImageWorker>();
  #isClosed = false;

  constructor({ processes }: { readonly processes: number }) {
    this.#limit = pLimit(processes);
  }

  /** Makes an image. Throws PolyreelError: `invalid` for the image or its settings, `unavailable` if its program was ended. */
  make(job: Job, signal: AbortSignal): Promise<MadeImage> {
    return this.#limit(async () => {
      signal.throwIfAborted();
      if (this.#isClosed) throw new PolyreelError("cancelled", "The service is stopping.");
      const { worker, made } = this.#take();
      try {
        return await worker.make(job, signal);
      } finally {
        this.#put(worker, made + 1);
      }
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    await Promise.all([...this.#all].map((worker) => worker.close()));
  }

  /** The most recently used one, so that others become idle. */
  #take(): Pick<Idle, "worker" | "made"> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (idle.worker.isUsable) return idle;
      this.#drop(idle.worker);
    }
    const worker = new ImageWorker();
    this.#all.add(worker);
    return { worker, made: 0 };
  }

  #put(worker: ImageWorker, made: number): void {
    if (this.#isClosed || !worker.isUsable || made >= IMAGES_EACH) {
      this.#drop(worker);
      return;
    }
    const timer = setTimeout(() => this.#drop(worker), IDLE_MS).unref();
    this.#idle.push({ worker, made, timer });
  }

  #drop(worker: ImageWorker): void {
    const at = this.#idle.findIndex((idle) => idle.worker === worker);
    if (at >= 0) this.#idle.splice(at, 1);
    void worker.close().finally(() => this.#all.delete(worker));
  }
}
