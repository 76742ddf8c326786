import { setTimeout as delay } from "node:timers/promises";
import { partFiles } from "../testing/parts.js";
import type { Pipeline } from "../testing/pipeline.js";

const EVERY_MS = 250;

/** Polls the finished parts of a store, and notices those that are written again: they were made twice. */
export class PartWitness implements AsyncDisposable {
  readonly #seen = new Map<string, number>();
  readonly #rewritten = new Set<string>();
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;

  constructor(private readonly pipeline: Pick<Pipeline, "store">) {
    this.#watching = this.#watch();
  }

  /** Parts that were written again so far. */
  async rewritten(): Promise<string[]> {
    await this.#look();
    return [...this.#rewritten];
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look();
      await delay(EVERY_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    for (const [key, file] of await partFiles(this.pipeline)) {
      if ((this.#seen.get(key) ?? file) !== file) this.#rewritten.add(key);
      this.#seen.set(key, file);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }
}
