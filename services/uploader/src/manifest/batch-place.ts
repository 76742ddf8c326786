import type { Batch } from "@polyreel/contract";
import { earlierBatches, readSpecification } from "@polyreel/pipeline";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { scopedStore } from "@polyreel/platform/blobs";
import type { EventStream } from "@polyreel/platform/stream";
import { lastFact } from "@polyreel/platform/stream";
import {
  DEFAULT_TENANT,
  deliveriesOf,
  deliveryFolders,
  type EarlierBatches,
  folderOf,
  isVirtual,
} from "@polyreel/spec";
import type { Owner } from "../destinations/receipt.js";
import { folderOfTenant } from "../destinations/tenant-folder.js";

/** Folders of a batch, and the continued batches with outputs in them: everything that its manifests list. */
export interface BatchPlace {
  readonly batch: Batch;
  /** Distinct folders of its deliveries, in order of delivery. */
  readonly folders: readonly BatchFolder[];
  /** Oldest first, the batch itself last. */
  readonly batches: readonly ListedBatch[];
  /** Owner of the batch's files. */
  readonly owner: Owner;
  /** Owner of the manifests: that of the oldest continued batch, if any. */
  readonly listOwner: Owner;
}

export interface BatchFolder {
  /** Relative to the output folder, including the tenant's folder. */
  readonly path: string;
  readonly overwrite: boolean;
  readonly prune: boolean;
  /** Only manifests of virtual deliveries are written to it. */
  readonly virtual: boolean;
}

/** A batch whose combinations are in the manifests. */
export interface ListedBatch {
  readonly batchId: string;
  /** Deliveries by number. */
  readonly deliveries: readonly { readonly folder: string; readonly output: string }[];
}

export async function batchPlace(batchId: string, stream: EventStream, store: Store): Promise<BatchPlace> {
  const submitted = await lastFact(stream, "batch.submitted", batchId);
  if (!submitted) throw new PolyreelError("not_found", "The batch is no longer in the event stream.");
  const tenantStore = scopedStore(store, submitted.fact.tenant);
  const tenant = submitted.fact.tenant || DEFAULT_TENANT;
  const batch = await readSpecification(tenantStore, submitted.fact);
  const earlier = await earlierBatches(batch, { stream, store: tenantStore });
  const own = listed(tenant, batch, batchId, earlier);
  const paths = new Set(own.deliveries.map(({ folder }) => folder));
  const beside = earlier
    .map((one, i) => ({ name: one.batch.name, ...listed(tenant, one.batch, one.batchId, earlier.slice(0, i)) }))
    .filter(({ deliveries }) => deliveries.some(({ folder }) => paths.has(folder)));
  return {
    batch,
    folders: [...paths].map((path) => folderAt(path, batch, own)),
    batches: [...beside, own],
    owner: { tenant, name: batch.name },
    listOwner: { tenant, name: beside[0]?.name ?? batch.name },
  };
}

function listed(tenant: string, batch: Batch, batchId: string, earlier: readonly EarlierBatches[]): ListedBatch {
  const folders = deliveryFolders(batch, batchId, earlier);
  return {
    batchId,
    deliveries: deliveriesOf(batch).map(({ number, output }) => ({
      folder: folderOfTenant(tenant, folders[number] ?? batchId),
      output: batch.outputs[output]?.name ?? "",
    })),
  };
}

function folderAt(path: string, batch: Batch, { deliveries }: ListedBatch): BatchFolder {
  const its = deliveriesOf(batch).filter(({ number }) => deliveries[number]?.folder === path);
  const some = (flag: "overwrite" | "prune") => its.some(({ destination }) => folderOf(destination)?.[flag]);
  return {
    path,
    overwrite: some("overwrite"),
    prune: some("prune"),
    virtual: its.every(({ destination }) => isVirtual(destination)),
  };
}

/** Converts a folder in a tenant's fact; an invalid one is returned unchanged. */
export function folderNamed(tenant: string, folder: string): string {
  try {
    return folderOfTenant(tenant, folder);
  } catch (error) {
    if (toPolyreelError(error).code === "invalid") return folder;
    throw error;
  }
}
