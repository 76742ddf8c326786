import { setTimeout as delay } from "node:timers/promises";
import type { Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { Span, Telemetry } from "@polyreel/platform/telemetry";
import { ALL_TENANTS } from "../call/call.js";
import { totalOf } from "./clean-up-call.js";
import type { Cleaner } from "./cleaner.js";

/** Timers take no more: what is longer would come at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Deps {
  readonly cleaner: Cleaner;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Resolves when all that was said before is known. */
  readonly caughtUp: Promise<void>;
}

/**
 * Cleans up when the read model knows the past, and then again and again, as the gateway is configured; leaves it to another
 * gateway where one is at it. What goes wrong is told, and tried again the next time.
 */
export class CleanUpSchedule implements Running {
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(private readonly deps: Deps) {
    this.#ended = this.#goOn();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #goOn(): Promise<void> {
    const { signal } = this.#stop;
    const { everyMs } = this.deps.cleaner.config;
    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([this.deps.caughtUp, stopped]);
    while (!signal.aborted) {
      await this.#once(signal);
      await delay(Math.min(everyMs, MAX_TIMER_MS), undefined, { signal }).catch(() => {});
    }
  }

  async #once(signal: AbortSignal): Promise<void> {
    const { telemetry, log } = this.deps;
    try {
      await telemetry.span("clean up", { parent: null }, (span) => this.#cleanUp(span, signal));
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, "could not clean up; it is tried again the next time");
    }
  }

  async #cleanUp(span: Span, signal: AbortSignal): Promise<void> {
    const { cleaner, log } = this.deps;
    const report = await cleaner.tryCleanUp({ ...cleaner.config, scope: ALL_TENANTS, dryRun: false }, signal);
    if (!report) return;
    const { batches, decodedSounds } = report;
    const parts = totalOf(batches.map((one) => one.parts));
    const failed = batches.filter(({ failure }) => failure).length;
    const told = { batches: batches.length - failed, failed, parts, decodedSounds };
    span.setAttributes({ "polyreel.cleaned.batches": told.batches, "polyreel.cleaned.failed": failed });
    if (batches.length > 0 || decodedSounds.count > 0) log.info(told, "cleaned up");
  }
}
