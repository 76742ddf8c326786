import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { BatchService } from "@polyreel/contract";
import type { Running } from "@polyreel/platform";

/** Latencies of a harmless call, in milliseconds. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Calls that were refused, or not answered within `ANSWER_MS`. */
  readonly failed: number;
}

/** Calls a server repeatedly, like an innocent client. */
export interface Canary extends Running {
  latencies(): Latencies;
  /** Waiting time of the current call, in milliseconds. */
  readonly waitingMs: number;
}

const PAUSE_MS = 20;
/** Shorter delays of this process are timer inaccuracy. */
const OWN_DELAY_MS = 50;
const ANSWER_MS = 30_000;

/**
 * Lists one batch repeatedly, over a separate connection. Delays of this process are subtracted. `onSlow` is called
 * with calls over `slowMs`.
 */
export function startCanary(url: string, slowMs: number, onSlow: (ms: number) => void): Canary {
  const client = createClient(BatchService, createConnectTransport({ baseUrl: url, httpVersion: "1.1" }));
  const stop = new AbortController();
  const times: number[] = [];
  let failed = 0;
  let since = performance.now();
  const ownDelay = monitorEventLoopDelay({ resolution: 5 });
  ownDelay.enable();
  const calling = (async () => {
    while (!stop.signal.aborted) {
      ownDelay.reset();
      since = performance.now();
      try {
        await client.listBatches({ pageSize: 1 }, { timeoutMs: ANSWER_MS, signal: stop.signal });
      } catch {
        if (!stop.signal.aborted) failed++;
      }
      const ownMs = ownDelay.max / 1e6;
      const ms = Math.max(0, performance.now() - since - (ownMs > OWN_DELAY_MS ? ownMs : 0));
      times.push(ms);
      if (ms > slowMs) onSlow(Math.round(ms));
      since = Number.POSITIVE_INFINITY;
      await delay(PAUSE_MS);
    }
  })();
  return {
    get waitingMs() {
      return Math.max(0, performance.now() - since);
    },
    latencies() {
      const sorted = times.toSorted((a, b) => a - b);
      const at = (part: number) =>
        Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0);
      return { count: times.length, p50: at(0.5), p99: at(0.99), max: at(1), failed };
    },
    close: async () => {
      stop.abort();
      await calling;
      ownDelay.disable();
    },
  };
}
