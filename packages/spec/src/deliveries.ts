import type { Batch, Destination, Folder, Output } from "@polyreel/contract";

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
 * The folder of each delivery of a normalised batch, by its number, below the tenant's: the specified one, or the
 * default. The default is the home folder of the first batch it continues, or a folder named after the batch.
 */
export function deliveryFolders(batch: Batch, batchId: string, earlier: readonly EarlierBatches[] = []): string[] {
  const [first] = earlier;
  const byDefault = first ? homeFolder(first.batch, first.batchId) : batchId;
  return deliveriesOf(batch).map(({ destination }) => folderOf(destination)?.path || byDefault);
}

/** The folder of a batch's first delivery. */
export const homeFolder = (batch: Batch, batchId: string, earlier: readonly EarlierBatches[] = []): string =>
  deliveryFolders(batch, batchId, earlier)[0] ?? batchId;

/** A destination's folder, if specified; of a virtual one, that of its manifest and later deliveries. */
export const folderOf = ({ kind }: Destination): Folder | undefined =>
  kind.case === "virtual" ? kind.value.folder : kind.case === "folder" ? kind.value : undefined;

export const isVirtual = ({ kind }: Destination): boolean => kind.case === "virtual";
