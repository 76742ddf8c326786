import { toPolyreelError } from "@polyreel/platform";
import { csvHeader, csvLine, jsonLine, manifestColumns } from "@polyreel/spec/rows";
import type { Destination, Place } from "./destination/destination.js";
import type { Owner } from "./destination/receipt.js";
import { pieceSource } from "./destination/source.js";
import type { BatchFolder } from "./manifest/batch-place.js";
import { listingNames, MANIFESTS } from "./manifest/names.js";
import type { Outcome, Step } from "./manifest/outcome.js";
import { inPieces } from "./manifest/pieces.js";
import { RowSpool } from "./manifest/spool.js";

interface Listing {
  readonly spool: RowSpool;
  readonly metadata: Set<string>;
  /** How far one at least came. */
  came: Step;
}

/** A batch with all that came of it. */
export interface FinishedBatch {
  readonly batchId: string;
  /** Those of its destinations. */
  readonly folders: readonly Pick<BatchFolder, "path" | "overwrite">[];
  /** Of the lists. */
  readonly owner: Owner;
  readonly outcomes: AsyncIterable<Outcome>;
}

/**
 * Writes `manifest.jsonl` and `manifest.csv` into each folder of a finished batch: all deliveries that are bound for it, in the
 * batch's order, whatever became of them. Those that went to other folders are listed there, in `manifest-<batch id>.jsonl` and
 * `.csv`: such a folder may be another batch's. Made anew from the facts each time, so that it is right with any number of
 * uploaders, after restarts, retries and replays. Where somebody else's file has a manifest's name, that stays, and the
 * manifest gets the other one. What uploaders that died left half made goes; of a batch that was
 * cancelled before anything came of it nothing stays. Tells the folders in which they were listed.
 */
export async function onBatchFinished(
  { batchId, folders, owner, outcomes }: FinishedBatch,
  destination: Destination,
  signal: AbortSignal,
): Promise<string[]> {
  const listings = new Map<string, Listing>();
  const listed: string[] = [];
  try {
    for await (const outcome of outcomes) await list(outcome, listings);
    for (const [folder, listing] of listings) {
      const home = folders.find(({ path }) => path === folder);
      const place = { batchId, attempt: 0, owner, overwrite: (home ?? folders[0])?.overwrite ?? false, folder };
      if (home && listing.came !== "planned") await writeManifest(listing, place, MANIFESTS, destination, signal);
      // Where nothing lies, nothing is listed: what was bound for there is listed at home as well.
      if (!home && listing.came !== "delivered") continue;
      if (!home) await writeManifest(listing, place, listingNames(batchId), destination, signal);
      await destination.removeLeftovers({ batchId, folder });
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
  place: Omit<Place, "fileName">,
  [jsonl, csv]: typeof MANIFESTS,
  destination: Destination,
  signal: AbortSignal,
): Promise<void> {
  const [otherJsonl, otherCsv] = listingNames(place.batchId);
  const write = async (names: readonly string[], lines: () => AsyncIterable<string>) => {
    for (const fileName of new Set(names)) {
      try {
        return await destination.put(
          pieceSource(() => inPieces(lines())),
          { ...place, fileName },
          { signal },
        );
      } catch (error) {
        if (toPolyreelError(error).code !== "conflict" || fileName === names.at(-1)) throw error;
      }
    }
  };
  await write([jsonl, otherJsonl], () => jsonLines(spool));
  await write([csv, otherCsv], () => csvLines(spool, [...metadata].sort()));
}

async function* jsonLines(spool: RowSpool): AsyncGenerator<string> {
  for await (const row of spool.rows()) yield jsonLine(row);
}

async function* csvLines(spool: RowSpool, metadata: readonly string[]): AsyncGenerator<string> {
  let columns: ReturnType<typeof manifestColumns> | undefined;
  for await (const row of spool.rows()) {
    if (!columns) {
      columns = manifestColumns(Object.keys(row.choices), metadata); // every combination has a choice of every block
      yield csvHeader(columns);
    }
    yield csvLine(row, columns);
  }
}
