import type { Destination } from "./destination/destination.js";
import { csvHeader, csvLine, jsonLine } from "./manifest/format.js";
import { inPieces } from "./manifest/pieces.js";
import type { Outcome } from "./manifest/row.js";
import { RowSpool } from "./manifest/spool.js";

/**
 * Writes `manifest.jsonl` and `manifest.csv` beside a finished batch's outputs: all its combinations, in its order,
 * whatever became of them. Made anew from the facts each time, so that it is right with any number of uploaders, after
 * restarts and retries. What uploaders that died left half made goes; of a batch that was cancelled before anything came of
 * it nothing stays.
 */
export async function onBatchFinished(
  { batchId, folder, outcomes }: { batchId: string; folder: string; outcomes: AsyncIterable<Outcome> },
  destination: Destination,
  signal: AbortSignal,
): Promise<void> {
  await using spool = await RowSpool.open();
  const metadata = new Set<string>();
  let came = false;
  for await (const outcome of outcomes) {
    came ||= outcome.step !== "planned";
    for (const key of Object.keys(outcome.row.metadata ?? {})) metadata.add(key);
    await spool.add(outcome);
  }
  if (spool.count === 0) return; // cancelled before anything was planned
  if (came) {
    const place = { batchId, folder };
    const csv = csvLines(spool, [...metadata].sort());
    await destination.write(inPieces(jsonLines(spool)), { ...place, fileName: "manifest.jsonl" }, signal);
    await destination.write(inPieces(csv), { ...place, fileName: "manifest.csv" }, signal);
  }
  await destination.removeLeftovers({ batchId, folder });
}

async function* jsonLines(spool: RowSpool): AsyncGenerator<string> {
  for await (const row of spool.rows()) yield jsonLine(row);
}

async function* csvLines(spool: RowSpool, metadata: readonly string[]): AsyncGenerator<string> {
  let blocks: string[] | undefined;
  for await (const row of spool.rows()) {
    if (!blocks) {
      blocks = Object.keys(row.choices); // every combination has a choice of every block
      yield csvHeader(blocks, metadata);
    }
    yield csvLine(row, blocks, metadata);
  }
}
