import { batchesInWork, currentWork, type WorkItem } from "./work-in-progress.js";

/** An error that nothing awaited, caught or listened for. */
export interface StrayError {
  readonly error: Error;
  /** The work that it escaped from, if known. */
  readonly from: WorkItem | undefined;
  /** Everything this process was working on at that time. */
  readonly inWork: readonly { readonly batch: string; readonly stages: readonly string[] }[];
}

/** Limit for reports, for errors that repeat (a timer's). */
const MAX_REPORTED = 20;

/**
 * Reports stray errors instead of letting the first one end the process at once: the caller ends it in order, so that
 * its work is handed back, and reports that work. The process must end, because the effects of the error are unknown.
 * Returns a function that stops watching.
 */
export function watchStrayErrors(onStray: (stray: StrayError) => void): () => void {
  let reported = 0;
  const report = (thrown: unknown) => {
    if (++reported > MAX_REPORTED) return;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    onStray({ error, from: currentWork(), inWork: batchesInWork() });
  };
  // Also receives unhandled rejections.
  process.on("uncaughtException", report);
  return () => process.off("uncaughtException", report);
}
