import { type Owner, ownerKey } from "../receipt.js";
import { type DriveFile, type DriveFiles, isAt, isBinary, type RecentFiles, type Spot } from "./drive-files.js";
import { namedIn } from "./drive-query.js";
import { type DriveReceipt, hasBytes, receiptOf } from "./drive-receipt.js";
import { type IdKey, type KeptIds, lastKeptId } from "./kept-ids.js";

/** The file that has a name in a folder. */
export type FoundFile =
  | { readonly kind: "nothing" }
  /** The owner's, unchanged since delivery. */
  | { readonly kind: "own"; readonly file: DriveFile; readonly receipt: DriveReceipt }
  /** The owner's, but changed since. */
  | { readonly kind: "changed"; readonly file: DriveFile; readonly receipt: DriveReceipt }
  /** Another batch's, or without a receipt: a person's or another program's. */
  | { readonly kind: "foreign"; readonly file: DriveFile; readonly receipt: DriveReceipt | undefined };

const RANKS = { own: 0, changed: 1, foreign: 2, nothing: 3 } as const;

/** Drive allows several files of one name: the owner's come first, and older ones before newer ones. */
export function classify(files: readonly DriveFile[], owner: Owner): FoundFile {
  const oldestFirst = [...files].sort((a, b) => ((a.createdTime ?? "") < (b.createdTime ?? "") ? -1 : 1));
  let best: FoundFile = { kind: "nothing" };
  for (const file of oldestFirst) {
    const receipt = receiptOf(file);
    const isOwn = receipt?.owner === ownerKey(owner);
    const found: FoundFile = isOwn
      ? { kind: hasBytes(file, receipt) ? "own" : "changed", file, receipt }
      : { kind: "foreign", file, receipt };
    if (RANKS[found.kind] < RANKS[best.kind]) best = found;
  }
  return best;
}

/** Where a file of a batch is looked for. */
export interface WantedSpot extends Spot {
  readonly key: Omit<IdKey, "number">;
}

/** Files that have a name, and the id to create one with. */
export interface Candidates {
  readonly files: readonly DriveFile[];
  /** The recorded id of a file that may not exist yet. */
  readonly next: { readonly number: number; readonly id: string | undefined };
}

interface Deps {
  readonly files: DriveFiles;
  readonly ids: KeptIds;
  readonly recent: RecentFiles;
}

/**
 * Looks a file up by its recorded id, then by the id under which this process wrote it, then in the list of the folder,
 * which may be old: its files are read again. `used`: ids that are known to have been used and removed.
 */
export async function findCandidates(
  spot: WantedSpot,
  { files, ids, recent }: Deps,
  { driveId, signal, used }: { driveId: string | undefined; signal?: AbortSignal; used?: ReadonlySet<string> },
): Promise<Candidates> {
  const last = await lastKeptId(ids, spot.key);
  const kept = last.id === undefined ? undefined : await files.get(last.id, signal);
  if (isAt(kept, spot)) return { files: [kept], next: last };
  const isUsed = kept !== undefined || (last.id !== undefined && used?.has(last.id));
  const next = isUsed ? { number: last.number + 1, id: undefined } : last;
  const recentId = recent.idAt(spot);
  if (recentId !== undefined && recentId !== last.id) {
    const written = await files.get(recentId, signal);
    if (isAt(written, spot)) return { files: [written], next };
  }
  const current: DriveFile[] = [];
  for (const { id } of await listNamed(spot, files, driveId, signal)) {
    const file = await files.get(id, signal);
    if (isAt(file, spot)) current.push(file);
  }
  return { files: current, next };
}

/** Files of a name in a folder, as far as the list has them. */
export async function listNamed(
  spot: Spot,
  files: DriveFiles,
  driveId: string | undefined,
  signal?: AbortSignal,
): Promise<DriveFile[]> {
  const found: DriveFile[] = [];
  for await (const file of files.list(namedIn(spot.folderId, spot.name), driveId, signal)) {
    if (isBinary(file) && isAt(file, spot)) found.push(file);
  }
  return found;
}
