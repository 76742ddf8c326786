import type { Batch } from "@polyreel/contract";
import { toPolyreelError } from "@polyreel/platform";
import { parsePlaced } from "@polyreel/spec";
import { jsonLine, manifestColumns, spreadsheetHeader, spreadsheetLine, withPosters } from "@polyreel/spec/rows";
import type { Destination, Place } from "./destinations/destination.js";
import type { Owner } from "./destinations/receipt.js";
import { pieceSource } from "./destinations/source.js";
import type { BatchFolder } from "./manifest/batch-place.js";
import { listingNames, MANIFESTS } from "./manifest/names.js";
import type { Outcome, Step } from "./manifest/outcome.js";
import { RowSpool } from "./manifest/spool.js";

interface Listing {
  readonly spool: RowSpool;
  readonly metadata: Set<string>;
  /** The furthest step of any delivery. */
  furthest: Step;
}

/** A batch with the outcomes of its deliveries. */
export interface FinishedBatch {
  readonly batchId: string;
  readonly batch: Batch;
  /** Folders of its destinations. */
  readonly folders: readonly Pick<BatchFolder, "path" | "overwrite">[];
  /** Owner of the manifests. */
  readonly owner: Owner;
  readonly outcomes: AsyncIterable<Outcome>;
}

/**
 * Writes `manifest.jsonl` and `manifest.csv` into each folder of a finished batch: all its deliveries, in the batch's
 * order, with any outcome. Deliveries to other folders are listed there, in `manifest-<batch id>.jsonl` and `.csv`,
 * because such a folder may be another batch's. Always rewritten from the facts, so that it is correct with any number
 * of uploaders, after restarts, retries and replays. A foreign file with a manifest's name is kept, and the manifest
 * gets the alternative name. Removes incomplete files of dead uploaders. Writes nothing for a batch that was cancelled
 * before any outcome. Returns the folders with outcomes. If a destination is away, the others get their manifests, and
 * then its error is thrown.
 */
export async function onBatchFinished(
  { batchId, batch, folders, owner, outcomes }: FinishedBatch,
  destination: Destination,
  signal: AbortSignal,
): Promise<string[]> {
  const listings = new Map<string, Listing>();
  const listed: string[] = [];
  const failures: unknown[] = [];
  try {
    for await (const outcome of outcomes) await list(outcome, listings);
    for (const [folder, listing] of listings) {
      const home = folders.find(({ path }) => path === folder);
      const place = { batchId, attempt: 0, owner, overwrite: (home ?? folders[0])?.overwrite ?? false, folder };
      // No manifest in another folder without files: failures there are also listed in the batch's own folder.
      if (!home && listing.furthest !== "delivered") continue;
      try {
        const names = home ? MANIFESTS : listingNames(batchId);
        if (listing.furthest !== "planned") await writeManifest(listing, batch, place, names, destination, signal);
        await destination.removeLeftovers({ batchId, folder });
        listed.push(folder);
      } catch (error) {
        signal.throwIfAborted();
        // A batch that a destination refused has nothing there to list.
        const isRefused = listing.furthest !== "delivered" && parsePlaced(folder).destination !== "";
        if (!isRefused) failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return listed;
  } finally {
    for (const { spool } of listings.values()) await spool[Symbol.asyncDispose]();
  }
}

async function list(outcome: Outcome, listings: Map<string, Listing>): Promise<void> {
  const { folder, step, row } = outcome;
  let listing = listings.get(folder);
  if (!listing) {
    listing = { spool: await RowSpool.open(), metadata: new Set(), furthest: "planned" };
    listings.set(folder, listing);
  }
  if (listing.furthest !== "delivered" && step !== "planned") listing.furthest = step;
  for (const key of Object.keys(row.metadata ?? {})) listing.metadata.add(key);
  await listing.spool.add(outcome);
}

async function writeManifest(
  { spool, metadata }: Listing,
  batch: Batch,
  place: Omit<Place, "fileName">,
  [jsonl, csv]: typeof MANIFESTS,
  destination: Destination,
  signal: AbortSignal,
): Promise<void> {
  const [otherJsonl, otherCsv] = listingNames(place.batchId);
  const write = async (names: readonly string[], contentType: string, lines: () => AsyncIterable<string>) => {
    for (const fileName of new Set(names)) {
      try {
        return await destination.put(
          pieceSource(() => inPieces(lines()), contentType),
          { ...place, fileName },
          { signal },
        );
      } catch (error) {
        if (toPolyreelError(error).code !== "conflict" || fileName === names.at(-1)) throw error;
      }
    }
  };
  await write([jsonl, otherJsonl], "application/jsonl; charset=utf-8", () => jsonLines(spool));
  await write([csv, otherCsv], "text/csv; charset=utf-8", () => csvLines(spool, [...metadata].sort(), batch));
}

const PIECE_LENGTH = 64 * 1024;

/** Joins lines to pieces of a size worth a write. */
async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = "";
  for await (const line of lines) {
    piece += line;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = "";
  }
  if (piece) yield piece;
}

async function* jsonLines(spool: RowSpool): AsyncGenerator<string> {
  for await (const row of spool.rows()) yield jsonLine(row);
}

async function* csvLines(spool: RowSpool, metadata: readonly string[], batch: Batch): AsyncGenerator<string> {
  let columns: ReturnType<typeof manifestColumns> | undefined;
  for await (const row of withPosters(spool.rows(), batch)) {
    if (!columns) {
      columns = manifestColumns(Object.keys(row.choices), metadata, { batch }); // Each combination has a choice of each block.
      yield spreadsheetHeader(columns);
    }
    yield spreadsheetLine(row, columns);
  }
}
