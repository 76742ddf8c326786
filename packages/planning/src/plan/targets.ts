import { create } from "@bufbuild/protobuf";
import { type Batch, type Rework, type Target, TargetSchema } from "@polyreel/contract";
import { deliveriesOf, deliveryFolders, type EarlierBatches, folderOf, isVirtual } from "@polyreel/spec";

/** Where the outputs of a normalised batch go: its deliveries, by number. */
export function targetsOf(batch: Batch, batchId: string, earlier: readonly EarlierBatches[]): Target[] {
  const folders = deliveryFolders(batch, batchId, earlier);
  return deliveriesOf(batch).map(({ number: delivery, destination }) =>
    create(TargetSchema, {
      folder: folders[delivery] ?? batchId,
      virtual: isVirtual(destination),
      overwrite: folderOf(destination)?.overwrite ?? false,
      delivery,
      awaitsApproval: batch.approve,
    }),
  );
}

/** A delivery that was approved. */
export const approved = (target: Target): Target => ({ ...target, awaitsApproval: false });

/** A delivery as a resumed run makes it. What names another folder says whether files there are written over. */
export const retarget = (target: Target, rework: Rework | undefined): Target => ({
  ...target,
  overwrite: rework?.overwrite || (!rework?.folder && target.overwrite),
  folder: rework?.folder || target.folder,
  virtual: target.virtual && !rework?.written,
});
