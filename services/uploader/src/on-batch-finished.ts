import type { Destination } from "./destination/destination.js";
import { csvHeader, csvLine, jsonLine } from "./manifest/format.js";
import { listingNames, MANIFESTS } from "./manifest/names.js";
import { inPieces } from "./manifest/pieces.js";
import type { Outcome, Step } from "./manifest/row.js";
import { RowSpool } from "./manifest/spool.js";

interface Listing {
  readonly spool: RowSpool;
  readonly metadata: Set<string>;
  /** How far one at least came. */
  came: Step;
}

/**
 * Writes `manifest.jsonl` and `manifest.csv` beside a finished batch's outputs: all its combinations, in its order,
 * whatever became of them. Those that were bound for other folders too are listed there, in `manifest-<batch id>.jsonl` and
 * `.csv`: such a folder may be another batch's. Made anew from the facts each time, so that it is right with any number of
 * uploaders, after restarts, retries and replays. What uploaders that died left half made goes; of a batch that was
 * cancelled before anything came of it nothing stays. Tells the folders in which they were listed.
 */
export async function onBatchFinished(
  { batchId, folder: home, outcomes }: { batchId: string; folder: string; outcomes: AsyncIterable<Outcome> },
  destination: Destination,
  signal: AbortSignal,
): Promise<string[]> {
  const listings = new Map<string, Listing>();
  const listed: string[] = [];
  try {
    for await (const outcome of outcomes) await list(outcome, listings);
    for (const [folder, listing] of listings) {
      const place = { batchId, folder };
      if (folder === home && listing.came !== "planned")
        await writeManifest(listing, place, MANIFESTS, destination, signal);
      // Where nothing lies, nothing is listed: what was bound for there is listed at home as well.
      if (folder !== home && listing.came !== "delivered") continue;
      if (folder !== home) await writeManifest(listing, place, listingNames(batchId), destination, signal);
      await destination.removeLeftovers(place);
      listed.push(folder);
    }
    return listed;
  } finally {
    for (const { spool } of listings.values()) await spool[Symbol.asyncDispose]();
  }
}

async function list(outcome: Outcome, listings: Map<string, Listing>): Promise<void> {
  const { folder, step, row } = outcome;
  let listing = listings.get(folder);
  if (!listing) {
    listing = { spool: await RowSpool.open(), metadata: new Set(), came: "planned" };
    listings.set(folder, listing);
  }
  if (listing.came !== "delivered" && step !== "planned") listing.came = step;
  for (const key of Object.keys(row.metadata ?? {})) listing.metadata.add(key);
  await listing.spool.add(outcome);
}

async function writeManifest(
  { spool, metadata }: Listing,
  place: { batchId: string; folder: string },
  [jsonl, csv]: typeof MANIFESTS,
  destination: Destination,
  signal: AbortSignal,
): Promise<void> {
  await destination.write(inPieces(jsonLines(spool)), { ...place, fileName: jsonl }, { signal });
  await destination.write(inPieces(csvLines(spool, [...metadata].sort())), { ...place, fileName: csv }, { signal });
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
