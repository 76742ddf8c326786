import { DEDUPE_WINDOW_MS } from "@polyreel/platform/stream";
import type { ChaosBatch } from "./draw-trial.js";

/** How long a deleted request id is refused: the stream would drop facts that look like earlier ones. */
const REFUSED_MS = DEDUPE_WINDOW_MS + 35_000;

interface Deleted {
  readonly id: string;
  readonly requestId: string;
  readonly drawn: ChaosBatch;
}

/** Deleted batches, each submitted again under its request id once that is accepted. */
export class Resubmissions {
  #deleted: (Deleted & { dueMs: number })[] = [];

  add(batches: readonly Deleted[]): void {
    this.#deleted.push(...batches.map((one) => ({ ...one, dueMs: Date.now() + REFUSED_MS })));
  }

  /** Those that are due, each once; they must start from scratch, and are not disturbed. */
  take(): { requestId: string; drawn: ChaosBatch }[] {
    const due = this.#deleted.filter(({ dueMs }) => dueMs <= Date.now());
    this.#deleted = this.#deleted.filter((one) => !due.includes(one));
    return due.map(({ requestId, drawn }) => ({ requestId, drawn: { ...drawn, fate: "run" as const } }));
  }

  /** Batches that must still not exist. */
  get deleted(): { id: string; folders: string[] }[] {
    return this.#deleted.map(({ id, drawn }) => ({ id, folders: [id, ...drawn.folders] }));
  }
}
