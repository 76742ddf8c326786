import { batchesInWork, currentWork, type WorkItem } from "./work-in-progress.js";

/** An error that nothing awaited, caught or listened for. */
export interface StrayError {
  readonly error: Error;
  /** The work it escaped from, where that is known. */
  readonly from: WorkItem | undefined;
  /** Everything this process worked on at that moment. */
  readonly inWork: readonly { readonly batch: string; readonly stages: readonly string[] }[];
}

/** Of an error that repeats (a timer's), so many are reported. */
const MAX_REPORTED = 20;

/**
 * Reports stray errors instead of letting the first one end the process on the spot: whoever watches ends it in order, so
 * that its work is given back, and says what that was. What the error left undone is unknown, so it must end. Returns what
 * ends the watching.
 */
export function watchStrayErrors(onStray: (stray: StrayError) => void): () => void {
  let reported = 0;
  const report = (thrown: unknown) => {
    if (++reported > MAX_REPORTED) return;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    onStray({ error, from: currentWork(), inWork: batchesInWork() });
  };
  // Also gets rejections that nothing handles.
  process.on("uncaughtException", report);
  return () => process.off("uncaughtException", report);
}
