import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Running } from "@polyreel/platform";
import { processesOf } from "./left-behind.js";
import type { Pipeline } from "./pipeline.js";

/** Peak memory of a process, in bytes: of the services' children, and of the services. */
export interface PeakMemory extends Running {
  readonly peaks: { readonly program: number; readonly service: number };
}

/** Short runs may be missed; using gigabytes takes longer. */
const POLL_MS = 100;

/** Reads the peaks of a pipeline's processes from /proc until it is closed. */
export function watchPeakMemory(pipeline: Pick<Pipeline, "temporary">): PeakMemory {
  const peaks = { program: 0, service: 0 };
  const stop = new AbortController();
  const looking = (async () => {
    while (!stop.signal.aborted) {
      await look(pipeline, peaks);
      await delay(POLL_MS);
    }
  })();
  return {
    peaks,
    close: async () => {
      stop.abort();
      await looking;
    },
  };
}

async function look(pipeline: Pick<Pipeline, "temporary">, peaks: { program: number; service: number }): Promise<void> {
  for (const { pid, isService } of await processesOf(pipeline)) {
    const status = await readFile(join("/proc", String(pid), "status"), "utf8").catch(() => "");
    const bytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    const kind = isService ? "service" : "program";
    peaks[kind] = Math.max(peaks[kind], bytes);
  }
}
