import type { Batch, Destination, Drive, Folder, Output } from "@polyreel/contract";
import { type Placed, parsePlaced, spellPlaced } from "./placed-folder.js";

/** Limit per batch: their numbers are bits of a 64-bit mask. */
export const MAX_DELIVERIES = 64;

/** An output in one of its destinations. */
export interface Delivery {
  /** In the batch, from 0. */
  readonly number: number;
  /** Index of the output, and of the destination in the output. */
  readonly output: number;
  readonly position: number;
  readonly destination: Destination;
}

/**
 * The deliveries of a normalised batch, numbered in the order of its specification: by output, then by destination.
 * Facts, work lists and the read model refer to deliveries by these numbers.
 */
export function deliveriesOf({ outputs }: { readonly outputs: readonly Output[] }): Delivery[] {
  const places = outputs.flatMap(({ to }, output) =>
    to.map((destination, position) => ({ output, position, destination })),
  );
  return places.map((place, number) => ({ number, ...place }));
}

/** A batch, and those that it continues, oldest first. */
export interface EarlierBatches {
  readonly batchId: string;
  readonly batch: Batch;
}

/**
 * The folder of each delivery of a normalised batch, by its number, below the tenant's, spelt as by `spellPlaced`: the
 * specified one, or the default in the specified destination. The default is named like the home folder of the first
 * batch it continues, or after the batch.
 */
export function deliveryFolders(batch: Batch, batchId: string, earlier: readonly EarlierBatches[] = []): string[] {
  const [first] = earlier;
  const byDefault = first ? parsePlaced(homeFolder(first.batch, first.batchId)).path : batchId;
  return deliveriesOf(batch).map(({ destination }) => {
    const { path, ...home } = folderOf(destination) ?? OWN;
    return spellPlaced({ ...home, path: path || byDefault });
  });
}

/** The folder of a batch's first delivery. */
export const homeFolder = (batch: Batch, batchId: string, earlier: readonly EarlierBatches[] = []): string =>
  deliveryFolders(batch, batchId, earlier)[0] ?? batchId;

const OWN: Placed = { destination: "", bucket: "", path: "" };

/** The folder of a destination as specified. */
export interface SpecifiedFolder extends Placed {
  readonly overwrite: boolean;
  readonly prune: boolean;
}

/** A destination's folder, if specified; of a virtual one, that of its manifest and later deliveries. */
export function folderOf({ kind }: Destination): SpecifiedFolder | undefined {
  if (kind.case === "virtual") return kind.value.folder && specified(kind.value.folder);
  if (kind.case === "folder" || kind.case === "drive") return specified(kind.value);
  if (kind.case !== "s3") return undefined;
  const { destination, bucket, prefix: path, overwrite, prune } = kind.value;
  return { destination, bucket, path, overwrite, prune };
}

const specified = ({ destination, path, overwrite, prune }: Folder | Drive): SpecifiedFolder => ({
  ...{ destination, bucket: "", path, overwrite, prune },
});

export const isVirtual = ({ kind }: Destination): boolean => kind.case === "virtual";
