import { DEFAULT_TENANT, outputFolder } from "@polyreel/contract";
import { PolyreelError, toPolyreelError } from "@polyreel/platform/errors.js";
import { lastFact } from "@polyreel/platform/nats/follow.js";
import type { EventStream } from "@polyreel/platform/nats/stream.js";
import { earlierBatches, readSpecification } from "@polyreel/platform/specification.js";
import { scopedStore } from "@polyreel/platform/store/scoped-store.js";
import type { Store } from "@polyreel/platform/store/store.js";
import type { Owner } from "../destination/receipt.js";
import { folderOfTenant } from "../destination/tenant-folder.js";

/** Where a batch's outputs lie, and whose else lie there because it continues them: all that its manifest lists. */
export interface BatchPlace {
  /** Below the output folder, the tenant's own included. */
  readonly folder: string;
  /** The oldest first, the batch itself last. */
  readonly batchIds: readonly string[];
  /** Of the batch's files. */
  readonly owner: Owner;
  /** Of what lists them: that of the first batch, where it continues one. */
  readonly listOwner: Owner;
  readonly overwrite: boolean;
  readonly prune: boolean;
  readonly virtual: boolean;
}

export async function batchPlace(batchId: string, stream: EventStream, store: Store): Promise<BatchPlace> {
  const submitted = await lastFact(stream, "batch.submitted", batchId);
  if (!submitted) throw new PolyreelError("not_found", "The batch is no longer in the event stream.");
  const tenantStore = scopedStore(store, submitted.fact.tenant);
  const batch = await readSpecification(tenantStore, submitted.fact);
  const earlier = await earlierBatches(batch, { stream, store: tenantStore });
  const folder = outputFolder(batch, batchId, earlier);
  const beside = earlier.filter((one, i) => outputFolder(one.batch, one.batchId, earlier.slice(0, i)) === folder);
  const tenant = submitted.fact.tenant || DEFAULT_TENANT;
  const [output] = batch.outputs;
  const { overwrite = false, prune = false } =
    output?.destination?.kind.case === "folder" ? output.destination.kind.value : {};
  return {
    folder: folderOfTenant(tenant, folder),
    batchIds: [...beside.map((one) => one.batchId), batchId],
    owner: { tenant, name: batch.name },
    listOwner: { tenant, name: beside[0]?.batch.name ?? batch.name },
    overwrite,
    prune,
    virtual: output?.virtual ?? false,
  };
}

/** A folder that a fact of the tenant names; one that is no folder of it is nobody's, and stays as it is. */
export function folderNamed(tenant: string, folder: string): string {
  try {
    return folderOfTenant(tenant, folder);
  } catch (error) {
    if (toPolyreelError(error).code === "invalid") return folder;
    throw error;
  }
}
