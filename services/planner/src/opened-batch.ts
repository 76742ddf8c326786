import type { Batch, Target } from "@polyreel/contract";
import type { Platform } from "@polyreel/pipeline";
import { earlierBatches, readSpecification } from "@polyreel/pipeline";
import { type Blueprint, blueprintOf, selectionOf, targetsOf } from "@polyreel/planning/plan";
import type { Store } from "@polyreel/platform/blobs";
import { scopedStore } from "@polyreel/platform/blobs";
import type { EarlierBatches } from "@polyreel/spec";
import type { Selection } from "@polyreel/spec/selection";

/** An accepted batch, prepared for planning. */
export interface OpenedBatch {
  readonly batchId: string;
  /** Its tenant's store. */
  readonly store: Store;
  readonly batch: Batch;
  readonly blueprint: Blueprint;
  readonly selection: Selection;
  /** Targets of its deliveries, by number. */
  readonly targets: readonly Target[];
  /** Batches that it continues, oldest first. */
  readonly earlier: readonly EarlierBatches[];
}

/** Its fields in `batch.submitted`. */
export interface AcceptedBatch {
  readonly batchId: string;
  readonly tenant: string;
  /** Of a resumed run that found sources: its own. */
  readonly specSha256: string;
}

export async function openBatch(accepted: AcceptedBatch, { store, stream }: Platform): Promise<OpenedBatch> {
  const { batchId, tenant } = accepted;
  const tenantStore = scopedStore(store, tenant);
  const batch = await readSpecification(tenantStore, accepted);
  const earlier = await earlierBatches(batch, { stream, store: tenantStore });
  const selection = selectionOf(
    batch,
    earlier.map((one) => one.batch),
  );
  const targets = targetsOf(batch, batchId, earlier);
  return { batchId, store: tenantStore, batch, blueprint: blueprintOf(batch), selection, targets, earlier };
}
