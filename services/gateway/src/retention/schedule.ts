import { setTimeout as delay } from "node:timers/promises";
import type { Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { activeTraceId, type Span, type Telemetry } from "@polyreel/platform/telemetry";
import type { AuditLog } from "../audit/audit-log.js";
import { ALL_TENANTS } from "../call/call.js";
import { totalOf } from "./clean-up-call.js";
import type { Cleaner } from "./cleaner.js";

/** Longest delay of timers: a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Deps {
  readonly cleaner: Cleaner;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Resolves when all facts published before are known. */
  readonly caughtUp: Promise<void>;
  readonly audit: Pick<AuditLog, "assertRecordable" | "record">;
  /** Removes entries of the audit log that are too old. */
  readonly expire: (signal: AbortSignal) => Promise<void>;
}

/**
 * Cleans up when the read model has caught up, and then periodically, as the gateway is configured; skips it while another
 * gateway cleans up. Failures are logged, and retried at the next interval.
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
      await this.deps.expire(signal);
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, "could not clean up; retrying at the next interval");
    }
  }

  async #cleanUp(span: Span, signal: AbortSignal): Promise<void> {
    const { cleaner, audit, log } = this.deps;
    audit.assertRecordable();
    const report = await cleaner.tryCleanUp({ ...cleaner.config, scope: ALL_TENANTS, dryRun: false }, signal);
    if (!report) return;
    const { batches, decodedSounds, sources, uploads } = report;
    const parts = totalOf(batches.map((one) => one.parts));
    const failed = batches.filter(({ failure }) => failure).length;
    const totals = { batches: batches.length - failed, failed, parts, decodedSounds, sources, uploads };
    span.setAttributes({ "polyreel.cleaned.batches": totals.batches, "polyreel.cleaned.failed": failed });
    await Promise.all(batches.flatMap(({ batch, failure }) => (failure ? [] : this.#record(batch))));
    const others = decodedSounds.count + sources.count + uploads.count;
    if (batches.length > 0 || others > 0) log.info(totals, "cleaned up");
  }

  /** Nobody calls: an entry for each batch tells its owner who removed it. */
  #record({ batchId, tenant }: { readonly batchId: string; readonly tenant: string }): Promise<void> {
    return this.deps.audit.record({
      tenant,
      principal: { kind: "gateway" },
      action: "retention",
      object: { kind: "batch", id: batchId },
      outcome: "ok",
      traceId: activeTraceId(),
    });
  }
}
